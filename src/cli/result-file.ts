import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { describeSystemError, OperatingError } from '../base/errors.ts';

/** A file that the user has named for results. */
export interface ResultFile {
  path: string;
  /** What it is, as a message calls it, and the flag that named it. */
  what: string;
  flag: string;
}

/**
 * Tries whether the file can be written, before a run whose results shall go there. A file that was there stays as it is.
 * @throws {OperatingError} when it cannot (ERR_USAGE)
 */
export function checkResultFile(file: ResultFile): void {
  const isNew = !existsSync(file.path);
  attempt(file, () => closeSync(openSync(file.path, 'a')));
  if (isNew) rmSync(file.path, { force: true });
}

/**
 * Writes the results.
 * @throws {OperatingError} when the file cannot be written (ERR_USAGE)
 */
export function writeResultFile(file: ResultFile, text: string): void {
  attempt(file, () => writeFileSync(file.path, text));
}

function attempt({ path, what, flag }: ResultFile, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new OperatingError(
      'ERR_USAGE',
      `Cannot write the ${what} ${JSON.stringify(path)} (${flag}): ${describeSystemError(error)}; name a file in a ` +
        'directory that exists and may be written',
      { cause: error },
    );
  }
}
