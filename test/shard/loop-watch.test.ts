import { expect, test } from 'vitest';

import type { ThreadTimes } from '../../src/host/thread-times.ts';
import { LoopWatch, loopSources, type LoopSources } from '../../src/shard/loop-watch.ts';

const NO_PAUSES = { count: 0, totalUs: 0, longestUs: 0 };
const QUIET: LoopSources = {
  threadTimes: () => null,
  turns: null,
  gc: { take: () => NO_PAUSES, turn: () => undefined, stop: () => undefined },
};
const SECOND = 1e6;

/** Turns every 5 ms from `fromUs` up to `toUs`. */
function turnUntil(watch: LoopWatch, fromUs: number, toUs: number): void {
  for (let nowUs = fromUs; nowUs <= toUs; nowUs += 5000) watch.turn(nowUs);
}

test('LoopWatch takes a loop that comes round for one that does not stand still', () => {
  const watch = new LoopWatch(0, QUIET);
  turnUntil(watch, 0, SECOND);
  expect(watch.take(SECOND, 200_000)).toMatchObject({
    stallUs: 0,
    busyUs: 200_000,
    turns: 201,
  });
  turnUntil(watch, SECOND + 5000, 2 * SECOND);
  expect(watch.take(2 * SECOND, 250_000)).toMatchObject({ stallUs: 0, busyUs: 50_000, turns: 200 });
});

test('LoopWatch counts a stall whole in every interval that it lies in, less the wait that a loop may take', () => {
  const watch = new LoopWatch(0, QUIET);
  turnUntil(watch, 0, 700_000);
  watch.turn(2_190_000);
  expect(watch.take(SECOND, 0).stallUs).toBe(1_480_000);
  expect(watch.take(2 * SECOND, 0).stallUs).toBe(1_480_000);
  turnUntil(watch, 2_195_000, 3 * SECOND);
  expect(watch.take(3 * SECOND, 0).stallUs).toBe(1_480_000);
  turnUntil(watch, 3_005_000, 4 * SECOND);
  expect(watch.take(4 * SECOND, 0).stallUs).toBe(0);
});

test('LoopWatch counts a stall in the interval after it too, where its backlog is told there', () => {
  const watch = new LoopWatch(0, QUIET);
  watch.turn(980_000);
  turnUntil(watch, 985_000, SECOND);
  expect(watch.take(SECOND, 0).stallUs).toBe(970_000);
  turnUntil(watch, 1_005_000, 2 * SECOND);
  expect(watch.take(2 * SECOND, 0).stallUs).toBe(970_000);
  turnUntil(watch, 2_005_000, 3 * SECOND);
  expect(watch.take(3 * SECOND, 0).stallUs).toBe(0);
});

test('LoopWatch tells the time that a thread ran and that it stood in the queue, an interval at a time', () => {
  let times: ThreadTimes | null = { cpuUs: 100, waitUs: 10 };
  const watch = new LoopWatch(0, { ...QUIET, threadTimes: () => times });
  times = { cpuUs: 400, waitUs: 30 };
  expect(watch.take(SECOND, 0)).toMatchObject({ cpuUs: 300, cpuWaitUs: 20 });
  times = null;
  expect(watch.take(2 * SECOND, 0)).toMatchObject({ cpuUs: null, cpuWaitUs: null });
});

test('LoopWatch counts the rounds of a loop that turns more often than it is called', () => {
  let turns = 10;
  const watch = new LoopWatch(0, { ...QUIET, turns: () => turns });
  turns = 510;
  watch.turn(SECOND);
  expect(watch.take(SECOND, 0).turns).toBe(500);
});

test("loopSources reads Node's own loop for the node engine", () => {
  const sources = loopSources('node', 0);
  expect(sources.turns?.()).toBeGreaterThanOrEqual(0);
  expect(loopSources('epoll', 0).turns).toBeNull();
  sources.gc.stop();
});
