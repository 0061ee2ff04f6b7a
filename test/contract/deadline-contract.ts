import { describe, expect, test } from 'vitest';

import { TIMER_KINDS } from '../../src/engine/engine.ts';
import { connect, type ContractScene } from './contract-scene.ts';
import type { EngineStage } from './engine-stage.ts';

/** setDeadline, clearDeadline and expired. That no deadline fires early or uncalled is checked in every test. */
export function describeDeadlines(scene: ContractScene): void {
  describe('expired', () => {
    describeSetting(scene);
    describeEnds(scene);
  });
}

function describeSetting(scene: ContractScene): void {
  test('comes once for every timer of a slot, at or after its time, in the order of their times', async () => {
    await scene.play(function* (stage) {
      const nowUs = stage.engine.nowUs();
      stage.setDeadline(2, 'pace', nowUs + 10_000);
      stage.setDeadline(2, 'write', nowUs + 40_000);
      stage.setDeadline(2, 'read', nowUs + 70_500);
      yield allExpired(stage, [2, 2, 2]);
      yield stage.forAWhile(50);
      expect(expiredTimers(stage, 2)).toEqual(['pace', 'write', 'read']);
    });
  });

  test('comes soon for a deadline in the past', async () => {
    await scene.play(function* (stage) {
      stage.setDeadline(0, 'read', stage.engine.nowUs() - 1_000_000);
      stage.setDeadline(1, 'read', stage.engine.nowUs());
      yield allExpired(stage, [0, 1]);
      expect([stage.story(0), stage.story(1)]).toEqual([['expired'], ['expired']]);
    });
  });

  test('obeys a deadline that replaces another, earlier or later', async () => {
    await scene.play(function* (stage) {
      const nowUs = stage.engine.nowUs();
      stage.setDeadline(0, 'read', nowUs + 10_000_000);
      stage.setDeadline(0, 'read', nowUs + 20_000);
      stage.setDeadline(1, 'read', nowUs + 20_000);
      // The rules hold the first time against this one: fired at the time that was replaced, it is early.
      stage.setDeadline(1, 'read', nowUs + 60_000);
      yield allExpired(stage, [0, 1]);
      yield stage.forAWhile(30);
      expect([expiredTimers(stage, 0), expiredTimers(stage, 1)]).toEqual([['read'], ['read']]);
    });
  });

  test('does not come for a cleared deadline, and the other timers of the slot are left', async () => {
    await scene.play(function* (stage) {
      const nowUs = stage.engine.nowUs();
      for (const timer of TIMER_KINDS) stage.setDeadline(0, timer, nowUs + 20_000);
      stage.clearDeadline(0, 'write');
      stage.clearDeadline(1, 'write');
      yield stage.forAWhile();
      expect(expiredTimers(stage, 0).toSorted()).toEqual(
        TIMER_KINDS.filter((timer) => timer !== 'write').toSorted(),
      );
    });
  });

  test('can set the same and other deadlines anew, future and past, from inside', async () => {
    await scene.play(function* (stage) {
      stage.setDeadline(0, 'pace', stage.engine.nowUs());
      for (let round = 1; round <= 30; round++) {
        yield { what: `round ${round}`, holds: () => expiredTimers(stage, 0).length >= round };
        stage.setDeadline(0, 'pace', stage.engine.nowUs() + (round % 3 === 0 ? 2500 : -2500));
      }
      stage.clearDeadline(0, 'pace');
      expect(expiredTimers(stage, 0)).toHaveLength(30);
    });
  });

  test('does not come for a deadline that another one of the same time clears or moves', async () => {
    await scene.play(function* (stage) {
      const dueUs = stage.engine.nowUs() + 20_000;
      for (let slot = 0; slot < 3; slot++) stage.setDeadline(slot, 'read', dueUs);
      const anyExpired = (): boolean => [0, 1, 2].some((slot) => expiredTimers(stage, slot).length > 0);
      yield { what: 'the first of three', holds: anyExpired };
      const first = [0, 1, 2].find((slot) => expiredTimers(stage, slot).length > 0);
      const [cleared, moved] = [0, 1, 2].filter((slot) => slot !== first) as [number, number];
      stage.clearDeadline(cleared, 'read');
      stage.setDeadline(moved, 'read', dueUs + 30_000);
      yield allExpired(stage, [moved]);
      yield stage.forAWhile(30);
      expect(expiredTimers(stage, cleared)).toEqual([]);
    });
  });

  test('comes for thousands of deadlines at once, each one time', async () => {
    const slots = 2000;
    await scene.play(
      function* (stage) {
        const nowUs = stage.engine.nowUs();
        for (let slot = 0; slot < slots; slot++) {
          TIMER_KINDS.forEach((timer, i) => {
            stage.setDeadline(slot, timer, nowUs + ((slot * 7919 + i * 104_729) % 300_000));
          });
        }
        const all = Array.from({ length: slots * TIMER_KINDS.length }, (_, i) => i % slots);
        yield allExpired(stage, all);
        yield stage.forAWhile(30);
        for (let slot = 0; slot < slots; slot++)
          expect(expiredTimers(stage, slot)).toHaveLength(TIMER_KINDS.length);
      },
      { slots },
    );
  });

  test('comes for a deadline that was set before the loop ran', async () => {
    const stage = scene.stage();
    stage.setDeadline(0, 'write', stage.engine.nowUs() + 5000);
    await stage.play(function* () {
      yield allExpired(stage, [0]);
    });
    expect(stage.story(0)).toEqual(['expired']);
  });
}

function describeEnds(scene: ContractScene): void {
  test('does not come any more when its connection has ended, whatever ended it', async () => {
    const server = scene.peers.listen('read');
    const hanging = scene.peers.deafAddress();
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      yield* connect(stage, 1, { address: server.address });
      yield* connect(stage, 2, { address: server.address });
      stage.dial(3, { address: hanging });
      for (let slot = 0; slot < 4; slot++) {
        stage.setDeadline(slot, 'read', stage.engine.nowUs() + 60_000_000);
        stage.setDeadline(slot, 'pace', stage.engine.nowUs() + 80_000);
      }
      stage.close(0);
      server.act(1, 'reset');
      stage.destroy(2);
      stage.destroy(3);
      for (let slot = 0; slot < 4; slot++) yield stage.until(slot, 'closed');
      yield stage.forAWhile(150);
      for (let slot = 0; slot < 4; slot++) expect(expiredTimers(stage, slot)).toEqual([]);
    });
  });

  test('does not come between a failure and the end it is told by, so that whoever it calls can send', async () => {
    const server = scene.peers.listen('read');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      // From a tick on, the failure and the deadline are both there when the loop next looks.
      yield stage.forAWhile(20);
      server.act(0, 'reset');
      const lastUs = stage.engine.nowUs() + 5_000_000;
      while (server.state(0)?.closed === false && stage.engine.nowUs() < lastUs);
      stage.setDeadline(0, 'pace', stage.engine.nowUs());
      yield {
        what: 'the deadline or the end',
        holds: () => stage.story(0).some((type) => type === 'expired' || type === 'closed'),
      };
      if (!stage.story(0).includes('closed')) stage.send(0, Buffer.from('x'));
      yield stage.until(0, 'closed');
      expect(stage.story(0).at(-1)).toBe('closed');
    });
  });

  test('comes for deadlines that are set from inside closed, and for slots that were never dialed', async () => {
    const server = scene.peers.listen('read');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      stage.destroy(0);
      yield stage.until(0, 'closed');
      stage.setDeadline(0, 'read', stage.engine.nowUs() + 1000);
      stage.setDeadline(3, 'pace', stage.engine.nowUs() + 1000);
      yield allExpired(stage, [0, 3]);
      expect(stage.story(0)).toEqual(['dialed', 'closed', 'expired']);
    });
  });
}

function expiredTimers(stage: EngineStage, slot: number): string[] {
  return stage.seen.log(slot).events.flatMap((event) => (event.type === 'expired' ? [event.timer] : []));
}

/** To be yielded: waits until every slot has expired as often as it is listed. */
function allExpired(stage: EngineStage, slots: number[]): { what: string; holds: () => boolean } {
  const wanted = new Map<number, number>();
  for (const slot of slots) wanted.set(slot, (wanted.get(slot) ?? 0) + 1);
  const holds = (): boolean => {
    for (const [slot, times] of wanted) {
      if (expiredTimers(stage, slot).length < times) return false;
      wanted.delete(slot);
    }
    return true;
  };
  return { what: `${slots.length} deadlines`, holds };
}
