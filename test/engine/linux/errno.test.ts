import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';

import {
  ERRNO_TABLES,
  errnoAction,
  errnoName,
  type ErrnoAction,
  type Syscall,
} from '../../../src/engine/linux/errno.ts';

const NUMBERS: Readonly<Record<string, number>> = constants.errno;

function actionOf(syscall: Syscall, name: string): ErrnoAction {
  const number = NUMBERS[name] ?? -1;
  if (ERRNO_TABLES[syscall][name] !== 'bug') return errnoAction(syscall, number);
  expect(() => errnoAction(syscall, number)).toThrow(name);
  return 'bug';
}

describe('errnoName', () => {
  test.each([
    [constants.errno.ECONNRESET, 'ECONNRESET'],
    [constants.errno.EAGAIN, 'EAGAIN'],
    [constants.errno.ENOTSUP, 'ENOTSUP'],
    [4095, 'errno 4095'],
  ])('of %d is %s', (errno, name) => {
    expect(errnoName(errno)).toBe(name);
  });

  test('gives the number back that a name stands for, for every error of this platform', () => {
    for (const number of Object.values(NUMBERS)) expect(NUMBERS[errnoName(number)]).toBe(number);
  });
});

describe('the errno tables', () => {
  const entries = Object.entries(ERRNO_TABLES).flatMap(([syscall, table]) =>
    Object.keys(table).map((name): [Syscall, string] => [syscall as Syscall, name]),
  );

  test.each(entries)(
    'of %s: %s is an error of this platform, under the name that it is told by',
    (_, name) => {
      expect(errnoName(NUMBERS[name] ?? -1)).toBe(name);
    },
  );

  test.each<[syscall: Syscall, name: string, action: ErrnoAction, why: string]>([
    ['connect', 'EINPROGRESS', 'wait', 'the dial is under way'],
    ['connect', 'EINTR', 'wait', 'an interrupted connect goes on by itself'],
    ['connect', 'EAGAIN', 'fail', 'a unix socket whose backlog is full, or no local port'],
    ['connect', 'EADDRNOTAVAIL', 'fail', 'no local port is left'],
    ['connect', 'EBADF', 'bug', 'the descriptor is ours to know'],
    ['send', 'EAGAIN', 'wait', 'the queue is full'],
    ['send', 'EINTR', 'retry', 'nothing was sent'],
    ['send', 'EPIPE', 'fail', 'the connection is gone'],
    ['send', 'ETIMEDOUT', 'fail', 'the kernel gave the connection up'],
    ['recv', 'EAGAIN', 'wait', 'nothing has come'],
    ['recv', 'ECONNREFUSED', 'fail', 'an ICMP error that the connection remembered'],
    ['recv', 'EHOSTUNREACH', 'fail', 'an ICMP error that the connection remembered'],
    ['recv', 'ENOTCONN', 'bug', 'the state is ours to know'],
    ['recv', 'EOWNERDEAD', 'fail', 'what is in no table fails with its own name'],
  ])('make %s with %s %s: %s', (syscall, name, action) => {
    expect(actionOf(syscall, name)).toBe(action);
  });
});
