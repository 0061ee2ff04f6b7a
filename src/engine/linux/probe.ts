import { describeSystemError } from '../../base/errors.ts';
import type { SocketOptions } from '../socket-options.ts';
import { Epoll } from './epoll.ts';
import { loadLibc, type Libc } from './libc.ts';
import { SocketCalls } from './socket-calls.ts';

/**
 * Why the epoll engine cannot run here, in one line; null when it can. It makes each kind of call once, since a
 * sandbox (seccomp) may know some of them and refuse others.
 */
export function whyNoEpoll(): string | null {
  const libc = loadLibc();
  if ('missing' in libc) return libc.missing;
  try {
    new Epoll(libc, process.arch).close();
  } catch (error) {
    return `the kernel refuses its system calls (${describeSystemError(error)})`;
  }
  const calls = new SocketCalls(libc);
  const fd = calls.open({ family: 4, host: '127.0.0.1', port: 1 });
  if (fd < 0) return `the kernel refuses its system calls (${calls.failure('socket').errno} from socket)`;
  calls.close(fd);
  return null;
}

/** An option that the kernel did not take. */
export interface RefusedOption {
  name: string;
  errno: string;
}

/** Sets the options on a socket that is never connected; answers the first that the kernel refuses, else null. */
export function refusedOption(libc: Libc, options: SocketOptions, family: 4 | 6): RefusedOption | null {
  const calls = new SocketCalls(libc);
  const fd = calls.open({ family, host: family === 4 ? '127.0.0.1' : '::1', port: 1 });
  if (fd < 0) return { name: 'socket', errno: calls.failure('socket').errno };
  const refused = calls.setOptions(fd, options, family);
  const errno = refused === null ? '' : calls.failure('setsockopt').errno;
  calls.close(fd);
  return refused === null ? null : { name: refused, errno };
}
