import { describe, expect, test } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import { optionCalls } from '../../../src/engine/linux/option-calls.ts';
import { refusedOption } from '../../../src/engine/linux/probe.ts';
import { SocketCalls } from '../../../src/engine/linux/socket-calls.ts';
import { DEFAULT_SOCKET_OPTIONS, type SocketOptions } from '../../../src/engine/socket-options.ts';
import { playEpoll, rawListener } from './epoll-scene.ts';
import { LIBC } from './raw-peer.ts';

type Facts = Record<string, number | string>;

/** Sets options on a fresh socket, and reads back what the kernel made of them. */
function readBack(options: Partial<SocketOptions>, family: 4 | 6): Facts {
  const calls = new SocketCalls(present(LIBC, 'libc'));
  const host = family === 4 ? '127.0.0.1' : '::1';
  const fd = calls.open({ family, host, port: 1 });
  try {
    expect(calls.setOptions(fd, { ...DEFAULT_SOCKET_OPTIONS, ...options }, family)).toBeNull();
    return calls.readOptions(fd, family);
  } finally {
    calls.close(fd);
  }
}

const ROWS: [what: string, options: Partial<SocketOptions>, facts: Facts][] = [
  ['small segments at once', { noDelay: true }, { noDelay: 1 }],
  ['small segments gathered', { noDelay: false }, { noDelay: 0 }],
  ['a receive buffer, which the kernel doubles', { receiveBufferBytes: 40_000 }, { rcvbufBytes: 80_000 }],
  ['a send buffer, which the kernel doubles', { sendBufferBytes: 50_000 }, { sndbufBytes: 100_000 }],
  ['acknowledgements at once', { quickAck: true }, { quickAck: 1 }],
  ['acknowledgements with data', { quickAck: false }, { quickAck: 0 }],
  ['no lingering', {}, { lingerSeconds: 'off' }],
  ['lingering for 0 s, which is not off', { lingerSeconds: 0 }, { lingerSeconds: 0 }],
  ['lingering for 7 s', { lingerSeconds: 7 }, { lingerSeconds: 7 }],
  ['no probes', {}, { keepAlive: 0 }],
  [
    'probes',
    { keepAlive: { idleSeconds: 11, intervalSeconds: 3, count: 5 } },
    { keepAlive: 1, keepAliveIdleSeconds: 11, keepAliveIntervalSeconds: 3, keepAliveCount: 5 },
  ],
  ['no user timeout', {}, { userTimeoutMs: 0 }],
  ['a user timeout', { userTimeoutMs: 1500 }, { userTimeoutMs: 1500 }],
  ['a low-water mark', { notSentLowWaterBytes: 16_384 }, { notSentLowatBytes: 16_384 }],
  ['a congestion control that every kernel has', { congestion: 'reno' }, { congestion: 'reno' }],
  ['a type of service', { typeOfService: 0xb8 }, { tos: 0xb8 }],
  ['a type of service whose two low bits belong to ECN', { typeOfService: 0xff }, { tos: 0xfc }],
];

describe.skipIf(LIBC === null)('the kernel has, as set on a socket,', () => {
  test.each(ROWS)('%s', (_, options, facts) => {
    expect(readBack(options, 4)).toMatchObject(facts);
    expect(readBack(options, 6)).toMatchObject(facts);
  });

  test('every option that can be set among those that are read', () => {
    const all: SocketOptions = {
      noDelay: true,
      receiveBufferBytes: 1,
      sendBufferBytes: 1,
      quickAck: true,
      lingerSeconds: 1,
      keepAlive: { idleSeconds: 1, intervalSeconds: 1, count: 1 },
      userTimeoutMs: 1,
      congestion: 'reno',
      typeOfService: 4,
      notSentLowWaterBytes: 1,
    };
    expect(Object.keys(readBack(all, 4)).toSorted()).toEqual(
      [...new Set(ROWS.flatMap(([, , facts]) => Object.keys(facts)))].toSorted(),
    );
    expect(optionCalls(all, 4)).toHaveLength(Object.keys(readBack(all, 4)).length);
  });

  test('nothing but noDelay where nothing else is asked for', () => {
    expect(optionCalls(DEFAULT_SOCKET_OPTIONS, 4)).toEqual([
      { name: 'noDelay', level: 6, option: 1, value: [1] },
    ]);
  });

  test('the same on a connection of the engine', async () => {
    const listener = rawListener();
    const options = { ...DEFAULT_SOCKET_OPTIONS, userTimeoutMs: 2500, typeOfService: 0x20, lingerSeconds: 3 };
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address, options });
      yield stage.until(0, 'dialed');
      expect(stage.engine.socketFacts(0)).toMatchObject({ userTimeoutMs: 2500, tos: 0x20, lingerSeconds: 3 });
    });
  });

  test.each<[why: string, options: Partial<SocketOptions>, name: string, errno: string]>([
    ['an unknown congestion control', { congestion: 'no-such' }, 'congestion', 'ENOENT'],
    [
      'more probes than fit',
      { keepAlive: { idleSeconds: 1, intervalSeconds: 1, count: 128 } },
      'keepalive',
      'EINVAL',
    ],
    ['a negative user timeout', { userTimeoutMs: -1 }, 'userTimeout', 'EINVAL'],
  ])(
    'not %s: refused, with name and errno, before a dial and by the dial',
    async (_, options, name, errno) => {
      const all = { ...DEFAULT_SOCKET_OPTIONS, ...options };
      expect(refusedOption(present(LIBC, 'libc'), all, 4)).toEqual({ name, errno });
      expect(refusedOption(present(LIBC, 'libc'), all, 6)).toEqual({ name, errno });
      const listener = rawListener();
      await playEpoll(function* (stage) {
        stage.dial(0, { address: listener.address, options: all });
        yield stage.until(0, 'dialFailed');
        expect(stage.seen.only(0, 'dialFailed').failure).toMatchObject({ errno, syscall: 'setsockopt' });
      });
      expect(listener.accept()).toBeNull();
    },
  );

  test('all that it takes: none is refused', () => {
    for (const [, options] of ROWS) {
      expect(refusedOption(present(LIBC, 'libc'), { ...DEFAULT_SOCKET_OPTIONS, ...options }, 4)).toBeNull();
    }
  });
});
