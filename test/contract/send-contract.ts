import { describe, expect, test } from 'vitest';

import { present } from '../../src/base/assert.ts';
import { connect, pattern, untilPeer, type ContractScene } from './contract-scene.ts';
import type { EngineStage, Script } from './engine-stage.ts';
import type { PeerServer } from './peers.ts';

/** send, writable and the outbox. */
export function describeSending(scene: ContractScene): void {
  describe('send', () => {
    describeSmallSends(scene);
    describeStalls(scene);
  });
}

function describeSmallSends(scene: ContractScene): void {
  test('answers true where the kernel has room, and the peer gets exactly these bytes', async () => {
    const server = scene.peers.listen('read');
    const sizes = [1, 2, 63, 64, 1460, 1461, 16_383];
    const parts = sizes.map((bytes, i) => pattern(bytes, i));
    const whole = Buffer.concat(parts);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      for (const part of parts) expect(stage.send(0, part)).toBe(true);
      yield untilPeer(server, 'has all', ({ bytes }) => bytes >= whole.length);
    });
    expect(server.bytes(0).equals(whole)).toBe(true);
  });

  test('takes one send as large as the outbox', async () => {
    const server = scene.peers.listen('echo');
    const whole = pattern(40_001);
    await scene.play(
      function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        expect(stage.engine.outbox.length).toBeGreaterThanOrEqual(whole.length);
        stage.send(0, whole);
        yield stage.untilReceived(0, whole.length);
        expect(stage.received(0).equals(whole)).toBe(true);
      },
      { outboxBytes: whole.length },
    );
  });
}

function describeStalls(scene: ContractScene): void {
  test('answers false when the kernel is full; writable comes once the peer has read', async () => {
    const server = scene.peers.listen('idle');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      const sent = fillUp(stage, 0);
      yield stage.forAWhile();
      expect(stage.story(0)).toEqual(['dialed']);
      yield* drainAndCheck(stage, { server, slot: 0, sent });
      expect(stage.story(0)).toEqual(['dialed', 'writable']);
    });
  });

  test('keeps one send of many times what the kernel holds intact', async () => {
    const server = scene.peers.listen('read');
    const whole = pattern(12_000_001);
    await scene.play(
      function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        expect(stage.send(0, whole)).toBe(false);
        yield stage.until(0, 'writable');
        yield untilPeer(server, 'has all', ({ bytes }) => bytes >= whole.length);
      },
      { outboxBytes: whole.length },
    );
    expect(server.bytes(0).equals(whole)).toBe(true);
  });

  test('stalls and drains many times in a row, from inside writable, without loss or disorder', async () => {
    const server = scene.peers.listen('echo');
    // Runs of equal sizes too: an engine may keep what it made for the send before.
    const chunks = Array.from({ length: 300 }, (_, i) => pattern(65_536 - (i >>> 3), i));
    const whole = Buffer.concat(chunks);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      for (const chunk of chunks) {
        stage.send(0, chunk);
        yield stage.untilDrained(0);
      }
      yield stage.untilReceived(0, whole.length);
      expect(stage.received(0).equals(whole)).toBe(true);
    });
  });

  test('keeps the bytes of many slots that are stalled at the same time apart', async () => {
    const slots = 24;
    const server = scene.peers.listen('idle');
    await scene.play(
      function* (stage) {
        const sent: Buffer[] = [];
        for (let slot = 0; slot < slots; slot++) {
          yield* connect(stage, slot, { address: server.address });
          sent.push(fillUp(stage, slot));
        }
        // Other slots use the outbox while those are stalled.
        for (let slot = slots - 1; slot >= 0; slot--) {
          yield* drainAndCheck(stage, { server, slot, sent: present(sent[slot], 'what was sent') });
          expect(stage.story(slot)).toEqual(['dialed', 'writable']);
        }
      },
      { slots },
    );
  });

  test('does not hold up one slot because another is stalled', async () => {
    const idle = scene.peers.listen('idle');
    const echo = scene.peers.listen('echo');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: idle.address });
      yield* connect(stage, 1, { address: echo.address });
      fillUp(stage, 0);
      for (let round = 1; round <= 20; round++) {
        expect(stage.send(1, pattern(1001, round))).toBe(true);
        yield stage.untilReceived(1, 1001 * round);
      }
      expect(stage.story(0)).toEqual(['dialed']);
    });
  });

  test('counts nothing as unsent once a stalled send is with the kernel', async () => {
    const server = scene.peers.listen('idle');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      yield* drainAndCheck(stage, { server, slot: 0, sent: fillUp(stage, 0) });
      stage.destroy(0);
      yield stage.until(0, 'closed');
      const { unsent } = stage.seen.only(0, 'closed');
      expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 0, exact: true });
    });
  });
}

/** Sends until the kernel takes no more. Answers all that was sent. */
export function fillUp(stage: EngineStage, slot: number): Buffer {
  const chunks: Buffer[] = [];
  do chunks.push(pattern(65_536 - chunks.length, slot + chunks.length));
  while (stage.send(slot, chunks.at(-1) as Buffer));
  return Buffer.concat(chunks);
}

/** Lets the peer of a stalled slot read, and compares what it gets; peers and slots have the same numbers here. */
export function* drainAndCheck(
  stage: EngineStage,
  { server, slot, sent }: { server: PeerServer; slot: number; sent: Buffer },
): Script {
  server.act(slot, 'read');
  yield stage.until(slot, 'writable');
  yield untilPeer(server, 'has all', ({ bytes }) => bytes >= sent.length, slot);
  expect(server.bytes(slot).equals(sent)).toBe(true);
}
