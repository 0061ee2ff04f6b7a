import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** How a process ended and what it wrote. */
export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A process that is on, with pipes for all streams. */
export interface Running {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The first line on stdout; rejects when the process ends without one. */
  firstLine: Promise<string>;
  ended: Promise<Ended>;
}

/** Keeps all that a process writes, which has just been started. */
export function capture(child: Running['child']): Running {
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
