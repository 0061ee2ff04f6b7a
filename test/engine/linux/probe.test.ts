import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';

import type { Libc } from '../../../src/engine/linux/libc.ts';
import { refusedSource, whyNoEpoll } from '../../../src/engine/linux/probe.ts';
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

describe.skipIf(LIBC === null)('refusedSource', () => {
  const libc = LIBC as Libc;

  test('finds nothing where every address is one to dial from', () => {
    expect(refusedSource(libc, ['127.0.0.2', '127.255.255.254', '127.0.0.1'])).toBeNull();
  });

  test("names the first address that is not this machine's", () => {
    expect(refusedSource(libc, ['127.0.0.2', '198.51.100.1', '198.51.100.2'])).toEqual({
      address: '198.51.100.1',
      why: 'the kernel refuses the address with EADDRNOTAVAIL',
    });
  });

  test("names a network's broadcast address, to which a socket can be bound", () => {
    expect(refusedSource(libc, ['127.0.0.2', '127.255.255.255'])).toEqual({
      address: '127.255.255.255',
      why: 'it is a broadcast address, and the kernel would dial from another instead',
    });
  });
});
