import { constants } from 'node:os';
import { assert } from '../../base/assert.ts';
import type { Failure } from '../engine.ts';

/** The name of an error number, for example ECONNRESET; its number as text where it has none. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** `errno` as the failure of a system call. */
export function failureOf(syscall: string, errno: number): Failure {
  return { errno: errnoName(errno), errnoNumber: errno, syscall };
}

/**
 * What the engine does when a system call fails, one table a call: every errno that the manual names. What is in no
 * table fails the connection with its own name, so that nothing the kernel says is lost.
 */
export type ErrnoAction = 'wait' | 'retry' | 'fail' | 'bug';

export type Syscall = 'connect' | 'send' | 'recv';

/** Every errno that a call's manual names, and what is done about it. */
export const ERRNO_TABLES: Readonly<Record<Syscall, Readonly<Record<string, ErrnoAction>>>> = {
  // Source: connect(2), tcp(7), unix(7).
  connect: {
    EINPROGRESS: 'wait',
    EINTR: 'wait',
    ECONNREFUSED: 'fail',
    ECONNRESET: 'fail',
    ETIMEDOUT: 'fail',
    ENETUNREACH: 'fail',
    EHOSTUNREACH: 'fail',
    EADDRNOTAVAIL: 'fail',
    EADDRINUSE: 'fail',
    EACCES: 'fail',
    EPERM: 'fail',
    EAGAIN: 'fail',
    EINVAL: 'fail',
    ENOENT: 'fail',
    EBADF: 'bug',
    EFAULT: 'bug',
    ENOTSOCK: 'bug',
    EAFNOSUPPORT: 'bug',
    EISCONN: 'bug',
    EALREADY: 'bug',
    EPROTOTYPE: 'fail',
  },
  // Source: send(2), tcp(7).
  send: {
    EAGAIN: 'wait',
    EINTR: 'retry',
    ECONNRESET: 'fail',
    EPIPE: 'fail',
    ETIMEDOUT: 'fail',
    EHOSTUNREACH: 'fail',
    ENETUNREACH: 'fail',
    ECONNREFUSED: 'fail',
    EACCES: 'fail',
    ENOBUFS: 'fail',
    ENOMEM: 'fail',
    EBADF: 'bug',
    EFAULT: 'bug',
    EINVAL: 'bug',
    ENOTSOCK: 'bug',
    ENOTCONN: 'bug',
    EDESTADDRREQ: 'bug',
  },
  // Source: recv(2), tcp(7).
  recv: {
    EAGAIN: 'wait',
    EINTR: 'retry',
    ECONNRESET: 'fail',
    ECONNREFUSED: 'fail',
    ETIMEDOUT: 'fail',
    EHOSTUNREACH: 'fail',
    ENETUNREACH: 'fail',
    EPIPE: 'fail',
    ENOMEM: 'fail',
    EBADF: 'bug',
    EFAULT: 'bug',
    EINVAL: 'bug',
    ENOTSOCK: 'bug',
    ENOTCONN: 'bug',
  },
};

/**
 * What to do after `syscall` failed with `errno`.
 * @throws {Error} where the call itself was wrong (a closed descriptor, a bad address): a bug, which must not spin
 */
export function errnoAction(syscall: Syscall, errno: number): Exclude<ErrnoAction, 'bug'> {
  const action = ERRNO_TABLES[syscall][errnoName(errno)] ?? 'fail';
  if (action === 'bug')
    assert(false, `${syscall} is called as its manual asks, and not answered ${errnoName(errno)}`);
  return action;
}

/** EWOULDBLOCK and EAGAIN are one number; the manual's first name is the one that is told. */
const NAMES = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => name !== 'EWOULDBLOCK' && name !== 'EOPNOTSUPP')
    .map(([name, number]) => [number, name]),
);
