import { describe, expect, test } from 'vitest';

import { connect, pattern, type ContractScene } from './contract-scene.ts';
import type { EngineStage, Script } from './engine-stage.ts';

/** tick, run, stop, and many connections together. */
export function describeLoop(scene: ContractScene): void {
  describeTicks(scene);
  describeStop(scene);

  test('1000 connections at once are echoed correctly', { timeout: 40_000 }, async () => {
    const slots = 1000;
    const server = scene.peers.listen('echo');
    await scene.play(
      function* (stage) {
        for (let slot = 0; slot < slots; slot++) stage.dial(slot, { address: server.address });
        for (let slot = 0; slot < slots; slot++) yield stage.until(slot, 'dialed');
        for (let round = 1; round <= 3; round++) yield* exchange(stage, slots, round);
        for (let slot = 0; slot < slots; slot++) stage.close(slot);
        for (let slot = 0; slot < slots; slot++) yield stage.until(slot, 'closed');
      },
      { slots },
    );
    expect(server.accepted()).toBe(slots);
  });
}

function* exchange(stage: EngineStage, slots: number, round: number): Script {
  for (let slot = 0; slot < slots; slot++) expect(stage.send(slot, pattern(64, slot))).toBe(true);
  for (let slot = 0; slot < slots; slot++) {
    yield stage.untilReceived(slot, 64 * round);
    expect(stage.received(slot).subarray(-64).equals(pattern(64, slot))).toBe(true);
  }
}

function describeTicks(scene: ContractScene): void {
  describe('tick', () => {
    test('comes about every 10 ms when nothing else happens', async () => {
      await scene.play(function* (stage) {
        const before = stage.seen.ticks;
        yield stage.forAWhile(1000);
        expect(stage.seen.ticks - before).toBeGreaterThan(20);
      });
    });

    test('comes while data flows without a pause', async () => {
      const server = scene.peers.listen('echo');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const before = stage.seen.ticks;
        const end = stage.forAWhile(500);
        for (let round = 1; !end.holds(); round++) {
          stage.send(0, pattern(100));
          yield stage.untilReceived(0, 100 * round);
        }
        expect(stage.seen.ticks - before).toBeGreaterThan(10);
      });
    });

    test('comes though every deadline is in the past', async () => {
      await scene.play(function* (stage) {
        const before = stage.seen.ticks;
        const end = stage.forAWhile(300);
        while (!end.holds()) {
          stage.setDeadline(0, 'pace', 0);
          yield { what: 'the deadline', holds: () => !stage.rules.slot(0).deadlines.has('pace') };
        }
        expect(stage.seen.ticks - before).toBeGreaterThan(6);
      });
    });
  });
}

function describeStop(scene: ContractScene): void {
  describe('stop', () => {
    test('lets run resolve, and nothing comes afterwards', async () => {
      const stage = scene.stage();
      await stage.play(function* () {
        stage.setDeadline(0, 'read', stage.engine.nowUs() + 20_000);
        yield stage.forAWhile(5);
      });
      const { ticks } = stage.seen;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(stage.seen.ticks).toBe(ticks);
      expect(stage.story(0)).toEqual([]);
    });

    test('destroys what is open, dialing or stalled, and run resolves after the last closed', async () => {
      const idle = scene.peers.listen('idle');
      const hanging = scene.peers.deafAddress();
      const stage = scene.stage();
      await stage.play(function* () {
        yield* connect(stage, 0, { address: idle.address });
        yield* connect(stage, 1, { address: idle.address });
        while (stage.send(1, pattern(65_536)));
        stage.dial(2, { address: hanging });
        yield stage.forAWhile(20);
      });
      expect([0, 1, 2].map((slot) => stage.story(slot).at(-1))).toEqual(['closed', 'closed', 'closed']);
    });

    test('from inside expired keeps the deadlines of the same time from firing', async () => {
      const stage = scene.stage();
      await stage.play(function* () {
        const dueUs = stage.engine.nowUs() + 20_000;
        for (let slot = 0; slot < 4; slot++) stage.setDeadline(slot, 'read', dueUs);
        yield { what: 'the first', holds: () => [0, 1, 2, 3].some((slot) => stage.story(slot).length > 0) };
      });
      expect([0, 1, 2, 3].flatMap((slot) => stage.story(slot))).toEqual(['expired']);
    });
  });
}
