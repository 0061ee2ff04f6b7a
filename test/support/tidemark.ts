import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { capture, type Ended, type Running } from './captured-process.ts';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

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
  return capture(
    spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...SHARED_MACHINE, ...env },
    }),
  );
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
