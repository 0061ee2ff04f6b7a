import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../../src/engine/socket-options.ts';
import type { Libc } from '../../../src/engine/linux/libc.ts';
import { whyNoRing } from '../../../src/engine/linux/ring.ts';
import { pattern } from '../../contract/contract-scene.ts';
import type { EngineStage, Script, Waiting } from '../../contract/engine-stage.ts';
import { connectRaw, playEpoll, rawListener } from './epoll-scene.ts';
import { LIBC, type RawPeer } from './raw-peer.ts';

const missing = LIBC === null ? 'it needs koffi' : whyNoRing(LIBC);
const TOGETHER = { togetherFrom: 1, slots: 40 };

/** The slot whose reads are waited for where a test goes on inside one: only there sends are put off. */
const PROMPTED = 39;

/** To be yielded to: goes on inside an event that tells of received bytes. */
function* insideRead(stage: EngineStage, prompter: RawPeer): Script {
  const { bytes } = stage.seen.log(PROMPTED);
  prompter.write(Uint8Array.of(1));
  yield stage.untilReceived(PROMPTED, bytes + 1);
}

/** Dials so many slots from 0 on, and one more to be prompted by. */
function* connectAll(
  stage: EngineStage,
  listener: ReturnType<typeof rawListener>,
  count: number,
): Generator<Waiting, { peers: RawPeer[]; peer: RawPeer; prompter: RawPeer }, void> {
  const prompter = yield* connectRaw(stage, PROMPTED, listener);
  const peers: RawPeer[] = [];
  for (let slot = 0; slot < count; slot++) peers.push(yield* connectRaw(stage, slot, listener));
  return { peers, peer: peers[0] ?? prompter, prompter };
}

/** The calls of libc that were counted. */
function counting(): { libc: Libc; calls: Record<'send' | 'recv' | 'enter', number> } {
  const libc = present(LIBC, 'libc');
  const calls = { send: 0, recv: 0, enter: 0 };
  const counted: Partial<Libc> = {
    send: (...values) => (calls.send++, libc.send(...values)),
    recv: (...values) => (calls.recv++, libc.recv(...values)),
    ringEnter: (...values) => (calls.enter++, libc.ringEnter(...values)),
  };
  return { libc: { ...libc, ...counted }, calls };
}

describe.skipIf(missing !== null)('EpollEngine makes calls together', () => {
  test('32 sends or receives by one system call', async () => {
    const listener = rawListener();
    const { libc, calls } = counting();
    await playEpoll(
      function* (stage) {
        const { peers, prompter } = yield* connectAll(stage, listener, 32);
        yield* insideRead(stage, prompter);
        calls.enter = 0;
        for (let slot = 0; slot < 32; slot++) expect(stage.send(slot, pattern(64, slot))).toBe(true);
        yield stage.forAWhile(20);
        expect(calls).toEqual({ send: 0, recv: 0, enter: 1 });
        peers.forEach((peer, slot) => {
          expect(peer.read(100)).toEqual(pattern(64, slot));
          peer.write(pattern(100, slot));
        });
        for (let slot = 0; slot < 32; slot++) yield stage.untilReceived(slot, 100);
        expect(calls.recv).toBe(0);
        expect(calls.enter).toBeLessThanOrEqual(4);
        for (let slot = 0; slot < 32; slot++) expect(stage.received(slot)).toEqual(pattern(100, slot));
      },
      TOGETHER,
      libc,
    );
  });

  test('more than one call holds, one after the other', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const { peers, prompter } = yield* connectAll(stage, listener, 38);
      yield* insideRead(stage, prompter);
      for (let slot = 0; slot < 38; slot++) stage.send(slot, pattern(64, slot));
      yield stage.forAWhile(20);
      peers.forEach((peer, slot) => expect(peer.read(100)).toEqual(pattern(64, slot)));
    }, TOGETHER);
  });

  test('a second send of a slot does not overtake its first', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const { peer, prompter } = yield* connectAll(stage, listener, 1);
      yield* insideRead(stage, prompter);
      stage.send(0, pattern(100, 1));
      stage.send(0, pattern(100, 2));
      stage.close(0);
      yield stage.forAWhile(20);
      expect(peer.read(300)).toEqual(Buffer.concat([pattern(100, 1), pattern(100, 2)]));
      peer.close();
      yield stage.until(0, 'closed');
    }, TOGETHER);
  });

  test('a piece that a read fills is followed by what it could not hold', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const { peer } = yield* connectAll(stage, listener, 1);
      for (let part = 0; part < 10; part++) peer.write(pattern(10_000, part));
      yield stage.untilReceived(0, 100_000);
      const parts = Array.from({ length: 10 }, (_, part) => pattern(10_000, part));
      expect(stage.received(0)).toEqual(Buffer.concat(parts));
    }, TOGETHER);
  });

  test('a send that was put off and stalls is told in the same turn, and is drained in order', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const { peer, prompter } = yield* connectAll(stage, listener, 1);
      const sent: Buffer[] = [];
      while (!stage.story(0).includes('stalled')) {
        yield* insideRead(stage, prompter);
        if (stage.rules.slot(0).stalled) break;
        sent.push(pattern(60_001, sent.length));
        expect(stage.send(0, present(sent.at(-1), 'a chunk'))).toBe(true);
      }
      expect(stage.story(0)).toEqual(['dialed', 'stalled']);
      const whole = Buffer.concat(sent);
      const read: Uint8Array[] = [];
      while (Buffer.concat(read).length < whole.length) {
        yield stage.forAWhile(1);
        read.push(present(peer.read(65_536), 'bytes'));
      }
      expect(Buffer.concat(read).equals(whole)).toBe(true);
      yield stage.until(0, 'writable');
    }, TOGETHER);
  });

  test('what is sent behind a stall that was not told yet is kept behind it', async () => {
    const listener = rawListener();
    await playEpoll(
      function* (stage) {
        const { prompter } = yield* connectAll(stage, listener, 0);
        stage.dial(0, {
          address: listener.address,
          options: { ...DEFAULT_SOCKET_OPTIONS, sendBufferBytes: 4096 },
        });
        yield stage.until(0, 'dialed');
        const peer = present(listener.accept(), 'an accepted connection');
        yield* insideRead(stage, prompter);
        const [first, second] = [pattern(200_001, 1), pattern(100_001, 2)];
        expect(stage.send(0, first)).toBe(true);
        expect(stage.send(0, second)).toBe(false);
        yield stage.until(0, 'stalled');
        const read: Uint8Array[] = [];
        for (let bytes = 0; bytes < first.length + second.length;) {
          const part = present(peer.read(65_536), 'bytes');
          read.push(part);
          bytes += part.length;
          if (part.length === 0) yield stage.forAWhile(1);
        }
        expect(Buffer.concat(read).equals(Buffer.concat([first, second]))).toBe(true);
        yield stage.until(0, 'writable');
        expect(stage.story(0)).toEqual(['dialed', 'stalled', 'writable']);
      },
      { ...TOGETHER, outboxBytes: 200_001 },
    );
  });

  test('a send that was put off and fails tells what the kernel took of it', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const { peer, prompter } = yield* connectAll(stage, listener, 1);
      stage.engine.pause(0);
      yield* insideRead(stage, prompter);
      peer.reset();
      expect(stage.send(0, pattern(500))).toBe(true);
      yield stage.until(0, 'closed');
      expect(stage.story(0)).toEqual(['dialed', 'stalled', 'closed']);
      const { failure, unsent } = stage.seen.only(0, 'closed');
      expect(failure).toMatchObject({ errno: 'ECONNRESET', syscall: 'send' });
      expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 500, exact: true });
    }, TOGETHER);
  });

  test('goes on where a signal or want of memory ends the call before all are made', async () => {
    const listener = rawListener();
    const libc = present(LIBC, 'libc');
    let turn = 0;
    let refused = false;
    const ringEnter: Libc['ringEnter'] = (ring, submit, results, flags) => {
      refused = results > 0 && turn++ % 3 === 0;
      const half = Math.ceil(submit / 2);
      return refused ? -1 : libc.ringEnter(ring, half, half, flags);
    };
    const errno = (): number => (refused ? constants.errno.EAGAIN : libc.errno());
    await playEpoll(
      function* (stage) {
        const { peers, prompter } = yield* connectAll(stage, listener, 20);
        yield* insideRead(stage, prompter);
        for (let slot = 0; slot < 20; slot++) stage.send(slot, pattern(64, slot));
        yield stage.forAWhile(20);
        peers.forEach((peer, slot) => {
          expect(peer.read(100)).toEqual(pattern(64, slot));
          peer.write(pattern(100, slot));
        });
        for (let slot = 0; slot < 20; slot++) yield stage.untilReceived(slot, 100);
        for (let slot = 0; slot < 20; slot++) expect(stage.received(slot)).toEqual(pattern(100, slot));
      },
      TOGETHER,
      { ...libc, ringEnter, errno },
    );
  });
});

describe.skipIf(LIBC === null)('where the kernel has no io_uring', () => {
  test.each([
    ['ringSetup', 'EPERM from io_uring_setup'],
    ['ringEnter', 'EPERM from io_uring_enter'],
    ['mapShared', 'EPERM from mmap'],
  ] as const)('(%s is refused) the engine makes each call alone, and it is told why', async (call, why) => {
    const listener = rawListener();
    const refused = { [call]: () => -1, errno: () => constants.errno.EPERM };
    expect(whyNoRing({ ...present(LIBC, 'libc'), ...refused })).toBe(why);
    const { libc, calls } = counting();
    await playEpoll(
      function* (stage) {
        const { peer, prompter } = yield* connectAll(stage, listener, 1);
        yield* insideRead(stage, prompter);
        expect(stage.send(0, pattern(64))).toBe(true);
        peer.write(pattern(10));
        yield stage.untilReceived(0, 10);
        expect(calls).toMatchObject({ send: 1, recv: 2 });
      },
      TOGETHER,
      { ...libc, [call]: () => -1 },
    );
  });
});
