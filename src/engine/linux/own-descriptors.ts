import { CLONE_FILES } from './abi.ts';
import { loadLibc } from './libc.ts';

/**
 * Gives the calling thread a table of descriptors of its own. The kernel then need not count references to a socket
 * around each call (about 60 ns a frame), and the limit of descriptors is the thread's alone. False where the kernel
 * does not allow it (a sandbox): the table stays common, and nothing else changes.
 *
 * From now on the thread must not open files through Node's thread pool, whose threads keep the common table.
 * Source: unshare(2), CLONE_FILES; it needs no privilege.
 */
export function takeOwnDescriptors(): boolean {
  const libc = loadLibc();
  return !('missing' in libc) && libc.unshare(CLONE_FILES) === 0;
}
