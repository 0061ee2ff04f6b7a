import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { UNIX_PATH_BYTES_MAX } from '../profile/profile-limits.ts';
import { RUN_FILES } from './run-files.ts';

/** A path of a run's control socket that fits into a socket's address, and what must be done when it is not needed any more. */
export interface ControlPath {
  path: string;
  release(): void;
}

/**
 * Where the control socket of the run in `directory` is. A unix socket's address holds 107 bytes; a longer path goes
 * through a descriptor of its directory, which /proc lets stand in a path.
 * Source: unix(7), "Address format"; proc_pid_fd(5).
 * @throws {Error} of the system when the directory cannot be opened
 */
export function controlPath(directory: string): ControlPath {
  const path = join(directory, RUN_FILES.control);
  if (Buffer.byteLength(path) <= UNIX_PATH_BYTES_MAX) return { path, release: () => undefined };
  const descriptor = openSync(directory, 'r');
  return {
    path: `/proc/self/fd/${descriptor}/${RUN_FILES.control}`,
    release: () => closeSync(descriptor),
  };
}
