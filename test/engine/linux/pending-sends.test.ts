import { describe, expect, test } from 'vitest';

import { fillUp } from '../../contract/send-contract.ts';
import type { EngineStage } from '../../contract/engine-stage.ts';
import type { ClosingFacts } from '../../../src/engine/engine.ts';
import { connectRaw, playEpoll, rawListener } from './epoll-scene.ts';
import { LIBC, type RawPeer } from './raw-peer.ts';

/** Size of the last of `fillUp`'s sends: each is a byte smaller than the one before, and only the last stalls. */
function lastSendBytes(sentBytes: number): number {
  let bytes = 65_536;
  for (let rest = sentBytes; rest > bytes; bytes--) rest -= bytes;
  return bytes;
}

/** Reads exactly so many bytes, all of which have arrived. */
function readExactly(peer: RawPeer, bytes: number): void {
  let left = bytes;
  while (left > 0) left -= peer.read(left)?.length ?? Number.NaN;
}

function facts(stage: EngineStage): ClosingFacts {
  return stage.seen.only(0, 'closed').unsent;
}

describe.skipIf(LIBC === null)('EpollEngine accounts for every byte of a send that was cut', () => {
  test.each([
    ['at once', 0],
    ['after 1 byte was read', 1],
    ['after 1000 bytes were read', 1000],
    ['after 4096 bytes were read', 4096],
  ])('by the peer, which resets %s', async (_, readBytes) => {
    const listener = rawListener({ receiveBufferBytes: 8192 });
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      const sentBytes = fillUp(stage, 0).length;
      // Until the peer's window is shut, bytes are still on their way to it.
      yield stage.forAWhile(150);
      readExactly(peer, readBytes);
      // What the window takes in now is acknowledged a little later (delayed acknowledgement, 200 ms at most).
      yield stage.forAWhile(300);
      const takenByPeer = readBytes + peer.unread();
      peer.reset();
      yield stage.until(0, 'closed');
      expect(stage.seen.only(0, 'closed').failure?.errno).toBe('ECONNRESET');
      const { bytesAccepted, bytesUnsent, bytesAcked, bytesUnacked, exact } = facts(stage);
      expect(exact).toBe(true);
      expect(bytesAccepted + bytesUnsent).toBe(lastSendBytes(sentBytes));
      expect(bytesUnsent).toBeGreaterThan(0);
      expect(bytesAcked).toBe(takenByPeer);
      expect(takenByPeer + (bytesUnacked ?? 0)).toBe(sentBytes - bytesUnsent);
    });
  });

  test('by a deadline of ours: what the kernel had taken reaches the peer, and not a byte more', async () => {
    const listener = rawListener({ receiveBufferBytes: 8192 });
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      const sentBytes = fillUp(stage, 0).length;
      stage.setDeadline(0, 'write', stage.engine.nowUs() + 200_000);
      yield stage.until(0, 'expired');
      stage.destroy(0);
      yield stage.until(0, 'closed');
      expect(stage.seen.only(0, 'closed').failure).toBeNull();
      const { bytesAccepted, bytesUnsent, bytesAcked } = facts(stage);
      expect(bytesAccepted + bytesUnsent).toBe(lastSendBytes(sentBytes));
      expect(bytesAcked).toBeGreaterThan(0);
      const takenBytes = sentBytes - bytesUnsent;
      expect(bytesAcked).toBeLessThan(takenBytes);
      let readBytes = 0;
      const all = (): boolean => {
        const chunk = peer.read(65_536);
        readBytes += chunk?.length ?? 0;
        return chunk === null;
      };
      yield { what: 'the end of the stream', holds: all };
      expect(readBytes).toBe(takenBytes);
    });
  });

  test('by nobody: a connection that is closed in order has nothing unsent', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      stage.send(0, Buffer.alloc(5000));
      stage.close(0);
      yield { what: 'all bytes', holds: () => peer.unread() === 5000 };
      peer.read(5000);
      peer.close();
      yield stage.until(0, 'closed');
      expect(facts(stage)).toMatchObject({ bytesAccepted: 0, bytesUnsent: 0, bytesUnread: 0, exact: true });
    });
  });

  test('and counts what was left unread, which turns the FIN into a RST', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      stage.pause(0);
      peer.write(Buffer.alloc(321));
      stage.destroy(0);
      yield stage.until(0, 'closed');
      expect(facts(stage).bytesUnread).toBe(321);
      yield { what: 'the reset', holds: () => peer.read(1) === null };
    });
  });

  test('and knows that nothing was acknowledged of nothing', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      yield* connectRaw(stage, 0, listener);
      stage.destroy(0);
      yield stage.until(0, 'closed');
      expect(facts(stage)).toEqual({
        bytesAccepted: 0,
        bytesUnsent: 0,
        bytesAcked: 0,
        bytesUnacked: 0,
        bytesUnread: 0,
        synRetransmits: null,
        exact: true,
        refused: false,
        takenUs: null,
        retransmits: 0,
        peerSentUs: expect.any(Number),
      });
    });
  });
});
