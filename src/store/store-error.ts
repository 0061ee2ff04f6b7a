import { OperatingError, describeSystemError } from '../base/errors.ts';

/** A fault of a run's directory, for the user to put right. */
export function storeError(message: string, cause?: unknown): OperatingError {
  return new OperatingError('ERR_STORE', message, cause === undefined ? {} : { cause });
}

/**
 * Does `work` on `path`; `action` is the beginning of the message should the file system refuse.
 * @throws {OperatingError} naming the path and the errno (ERR_STORE)
 */
export function onDisk<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(`${action} ${path}: ${describeSystemError(error)}`, error);
  }
}
