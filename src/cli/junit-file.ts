import { renderJunit } from '../report/junit.ts';
import type { Summary } from '../store/summary.ts';
import { checkResultFile, writeResultFile, type ResultFile } from './result-file.ts';

/** What `--junit` says in `--help`, for every command that has it. */
export const JUNIT_HELP = 'write the verdict and the thresholds to this file as JUnit test cases';

/**
 * Tries whether `path` can be written, before a run whose results shall go there. A file that was there stays as it is.
 * @throws {OperatingError} when it cannot (ERR_USAGE)
 */
export function checkJunitFile(path: string): void {
  checkResultFile(junitFile(path));
}

/**
 * Writes the run's JUnit report.
 * @throws {OperatingError} when the file cannot be written (ERR_USAGE)
 */
export function writeJunitFile(path: string, summary: Summary): void {
  writeResultFile(junitFile(path), renderJunit(summary));
}

/** A file that `--junit` has named. */
export function junitFile(path: string): ResultFile {
  return { path, what: 'JUnit file', flag: '--junit' };
}
