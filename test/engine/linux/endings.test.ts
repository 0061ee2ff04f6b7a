import { describe, expect, test } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import { connectRaw, playEpoll, rawListener } from './epoll-scene.ts';
import { LIBC } from './raw-peer.ts';

describe.skipIf(LIBC === null)('EpollEngine tells of a connection that', () => {
  test('was reset before a send of ours, what had come, and that the send never waited', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      peer.write(Buffer.alloc(100, 7));
      peer.reset();
      expect(stage.send(0, Buffer.alloc(10))).toBe(false);
      yield stage.until(0, 'closed');
      const { failure, unsent } = stage.seen.only(0, 'closed');
      expect(failure).toMatchObject({ errno: 'ECONNRESET', syscall: 'send' });
      expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 10, refused: true, bytesUnread: 0 });
      expect(stage.received(0)).toEqual(Buffer.alloc(100, 7));
    });
  });

  test('waited for its peer before it was cut, that it did', async () => {
    const listener = rawListener({ receiveBufferBytes: 8192 });
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      while (stage.send(0, Buffer.alloc(65_536)));
      yield stage.forAWhile(20);
      peer.reset();
      yield stage.until(0, 'closed');
      expect(stage.seen.only(0, 'closed').unsent).toMatchObject({ refused: false });
    });
  });

  test('was reset before anybody looked at its dial, that it was up, and what had come', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address });
      const peer = present(listener.accept(), 'an accepted connection');
      peer.write(Buffer.from('hello'));
      peer.reset();
      yield stage.until(0, 'closed');
      expect(stage.story(0)).toEqual(['dialed', 'closed']);
      expect(stage.received(0)).toEqual(Buffer.from('hello'));
      expect(stage.seen.only(0, 'closed').failure).toMatchObject({ errno: 'ECONNRESET', syscall: 'recv' });
    });
  });

  test('was closed in order, what its peer said to that before its own FIN', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      stage.close(0);
      yield { what: 'our FIN', holds: () => peer.read(1) === null };
      peer.write(Buffer.from('goodbye'));
      peer.close();
      yield stage.until(0, 'closed');
      expect(stage.received(0)).toEqual(Buffer.from('goodbye'));
      expect(stage.seen.only(0, 'closed')).toMatchObject({ failure: null, unsent: { bytesUnread: 0 } });
    });
  });

  test('closed in order and had no FIN for an answer, what was acknowledged: bytes, and no FIN of ours', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      stage.send(0, Buffer.alloc(100));
      stage.close(0);
      yield stage.until(0, 'closed');
      const { failure, nowUs, unsent } = stage.seen.only(0, 'closed');
      expect(failure).toBeNull();
      expect(unsent).toMatchObject({ bytesAcked: 100, bytesUnacked: 0, retransmits: 0 });
      // Both are in the kernel's time, which counts in steps of up to 10 ms.
      expect(nowUs - (unsent.peerSentUs ?? 0)).toBeLessThan(1_200_000);
      expect(peer.unread()).toBe(100);
    });
  });
});
