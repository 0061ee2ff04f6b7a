import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

/** How a process of the built package ended and what it wrote. */
export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A running process of the built package. */
export interface Running {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The first line on stdout; rejects when the process ends without one. */
  firstLine: Promise<string>;
  ended: Promise<Ended>;
}

/**
 * Starts `tidemark ...args` with pipes for all streams; `npm test` has built it.
 * @param wrapper what it is run by, for example `taskset -c 0`; its signals must reach tidemark, as after an exec
 */
export function startTidemark(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  wrapper: readonly string[] = [],
): Running {
  return launch([...wrapper, process.execPath, BIN, ...args], env);
}

/**
 * Tests share their machine with each other, so a run of theirs may well find its generator disturbed; only tests of
 * that very verdict ask for it. What was calibrated on it before is none of theirs.
 */
const SHARED_MACHINE: NodeJS.ProcessEnv = {
  TIDEMARK_HEALTH_VERDICT: 'report',
  XDG_STATE_HOME: '/nonexistent',
};

function launch([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...SHARED_MACHINE, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
    child.once('close', () => reject(new Error(`Ended without a line on stdout; stderr: ${stderr}`)));
  });
  // Callers that expect the process to fail never look at its first line.
  firstLine.catch(() => undefined);
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, stdout, stderr }));
  return { child, firstLine, ended };
}

/** Runs `tidemark ...args` to its end. */
export function runTidemark(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startTidemark(args, env).ended;
}

/**
 * Runs `tidemark ...args` in the place of a shell that has done `setup`, for example `ulimit -n 200`.
 * @param wrapper what the shell itself is run by, for example `unshare -rm`
 */
export function runTidemarkAfter(
  setup: string,
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<Ended> {
  const shell = ['bash', '-c', `${setup} && exec "$0" "$@"`, process.execPath, BIN];
  return launch([...wrapper, ...shell, ...args], {}).ended;
}
