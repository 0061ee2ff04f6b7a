import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';

import type { Libc } from '../../../src/engine/linux/libc.ts';
import { whyNoEpoll } from '../../../src/engine/linux/probe.ts';
import { LIBC } from './raw-peer.ts';

describe.skipIf(LIBC === null)('whyNoEpoll', () => {
  const libc = LIBC as Libc;

  /** The kernel as a sandbox shows it that refuses `calls`. */
  function refusing(calls: readonly (keyof Libc)[], errno: number = constants.errno.EPERM): Libc {
    let refused = false;
    const refuse = (): number => {
      refused = true;
      return -1;
    };
    const reason = (): number => {
      const told = refused ? errno : libc.errno();
      refused = false;
      return told;
    };
    return { ...libc, ...Object.fromEntries(calls.map((call) => [call, refuse])), errno: reason };
  }

  test('finds nothing where nothing is refused', () => {
    expect(whyNoEpoll(libc)).toBeNull();
  });

  test.each<[calls: (keyof Libc)[], said: string]>([
    [['socket'], 'EPERM from socket'],
    [['epollCreate'], 'EPERM from epoll_create1'],
    [['epollCtl'], 'EPERM from epoll_ctl'],
    [['epollPwait2', 'epollWait'], 'EPERM from epoll_wait'],
    [['send'], 'EPERM from send'],
    [['recv'], 'EPERM from recv'],
    [['shutdown'], 'EPERM from shutdown'],
    [['getsockopt'], 'EPERM from getsockopt'],
    [['ioctl'], 'EPERM from ioctl'],
  ])('names %j where a sandbox refuses it', (calls, said) => {
    expect(whyNoEpoll(refusing(calls))).toBe(`the kernel refuses its system calls (${said})`);
  });

  test('does without epoll_pwait2, unshare and prctl', () => {
    expect(whyNoEpoll(refusing(['epollPwait2', 'unshare', 'prctl'], constants.errno.ENOSYS))).toBeNull();
  });

  test('says what is missing where libc cannot be bound', () => {
    expect(whyNoEpoll({ missing: 'it needs Linux' })).toBe('it needs Linux');
  });
});
