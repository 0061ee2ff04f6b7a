import { onTestFinished, describe, expect, test } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import { TCP_INFO } from '../../../src/engine/linux/abi.ts';
import type { Libc } from '../../../src/engine/linux/libc.ts';
import { SocketCalls } from '../../../src/engine/linux/socket-calls.ts';
import { LIBC } from './raw-peer.ts';

describe.skipIf(LIBC === null)('SocketCalls reads TCP_INFO', () => {
  const libc = LIBC as Libc;

  /** A socket of `family` that was never connected, until the current test ends. */
  function socket(calls: SocketCalls, family: 4 | 'unix'): number {
    const address =
      family === 4
        ? ({ family, host: '127.0.0.1', port: 1 } as const)
        : ({ family, path: '/nonexistent' } as const);
    const fd = calls.open(address);
    expect(fd).toBeGreaterThanOrEqual(0);
    onTestFinished(() => void libc.close(fd));
    return fd;
  }

  test('as far as the kernel answers', () => {
    const calls = new SocketCalls(libc);
    expect(calls.tcpInfo(socket(calls, 4))).toMatchObject({
      totalRetrans: 0,
      retransmits: 0,
      bytesAcked: 0,
      wasUp: false,
    });
  });

  test('and takes nothing from beyond the end of a shorter answer', () => {
    // The type of the socket is four bytes: what an emulated kernel answers for TCP_INFO.
    const short = (fd: number, level: number, name: number, value: number, length: number): number =>
      name === TCP_INFO
        ? libc.getsockopt(fd, 1, 3, value, length)
        : libc.getsockopt(fd, level, name, value, length);
    const calls = new SocketCalls({ ...libc, getsockopt: short });
    expect(calls.tcpInfo(socket(calls, 4))).toMatchObject({
      totalRetrans: null,
      bytesAcked: null,
      silentUs: null,
    });
  });

  test('and knows that a unix socket repeats no SYN', () => {
    const calls = new SocketCalls(libc);
    expect(calls.tcpInfo(socket(calls, 'unix'))).toMatchObject({
      totalRetrans: 0,
      bytesAcked: null,
      silentUs: null,
    });
  });

  test('and says that it knows nothing where the kernel refuses', () => {
    const calls = new SocketCalls(present(LIBC, 'libc'));
    expect(calls.tcpInfo(-1)).toBeNull();
  });
});
