import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { renderJunit } from '../report/junit.ts';
import type { Summary } from '../store/summary.ts';

/** What `--junit` says in `--help`, for every command that has it. */
export const JUNIT_HELP = 'write the verdict and the thresholds to this file as JUnit test cases';

/**
 * Tries whether `path` can be written, before a run whose results shall go there. A file that was there stays as it is.
 * @throws {OperatingError} when it cannot (ERR_USAGE)
 */
export function checkJunitFile(path: string): void {
  const isNew = !existsSync(path);
  attempt(path, () => closeSync(openSync(path, 'a')));
  if (isNew) rmSync(path, { force: true });
}

/**
 * Writes the run's JUnit report.
 * @throws {OperatingError} when the file cannot be written (ERR_USAGE)
 */
export function writeJunitFile(path: string, summary: Summary): void {
  attempt(path, () => writeFileSync(path, renderJunit(summary)));
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new OperatingError(
      'ERR_USAGE',
      `Cannot write the JUnit file ${JSON.stringify(path)} (--junit): ${describeSystemError(error)}; name a file in a ` +
        'directory that exists and may be written',
      { cause: error },
    );
  }
}
