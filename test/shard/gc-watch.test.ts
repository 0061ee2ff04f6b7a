import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

import { monotonicClock } from '../../src/base/clock.ts';
import { LateGcWatch, ObservedGcWatch } from '../../src/shard/gc-watch.ts';

setFlagsFromString('--expose-gc');

function makeGarbage(): void {
  let kept: object[] = [];
  for (let i = 0; i < 2_000_000; i++) {
    kept.push({ i });
    if (kept.length > 50_000) kept = [];
  }
}

test('ObservedGcWatch sees the pauses of a thread, and each of them once', async () => {
  const watch = new ObservedGcWatch();
  makeGarbage();
  await setTimeout(100);
  const pauses = watch.take();
  expect(pauses.count).toBeGreaterThan(0);
  expect(pauses.longestUs).toBeGreaterThan(0);
  expect(pauses.totalUs).toBeGreaterThanOrEqual(pauses.longestUs);
  expect(watch.take().totalUs).toBeLessThan(pauses.totalUs);
  watch.stop();
});

/** A watch of a heap and a thread that a test sets. */
function lateWatch(now: { bytes: number; cpuUs: number | null }): LateGcWatch {
  return new LateGcWatch(0, { heapBytes: () => now.bytes, cpuUs: () => now.cpuUs });
}

const NO_PAUSES = { count: 0, totalUs: 0, longestUs: 0 };

test('LateGcWatch takes a late loop for a pause where the heap has shrunk and the thread ran, and tells it once', () => {
  const now = { bytes: 5000, cpuUs: 0 };
  const watch = lateWatch(now);
  Object.assign(now, { bytes: 4000, cpuUs: 21_000 });
  watch.turn(22_000, 12_000);
  Object.assign(now, { bytes: 3000, cpuUs: 38_000 });
  watch.turn(40_000, 8000);
  expect(watch.take()).toEqual({ count: 2, totalUs: 20_000, longestUs: 12_000 });
  expect(watch.take()).toEqual(NO_PAUSES);
});

test.each([
  { what: 'a loop that is late while the heap grew', bytes: 6000, ranUs: 40_000, lateUs: 30_000 },
  { what: 'a heap that shrank while the loop was in time', bytes: 4000, ranUs: 40_000, lateUs: 0 },
  { what: 'a thread that was stopped', bytes: 4000, ranUs: 300, lateUs: 30_000 },
  {
    what: 'a thread that had its processor for a third of the time',
    bytes: 4000,
    ranUs: 14_000,
    lateUs: 30_000,
  },
])('LateGcWatch takes no pause from $what', ({ bytes, ranUs, lateUs }) => {
  const now = { bytes: 5000, cpuUs: 0 };
  const watch = lateWatch(now);
  Object.assign(now, { bytes, cpuUs: ranUs });
  watch.turn(40_000, lateUs);
  expect(watch.take()).toEqual(NO_PAUSES);
});

test('LateGcWatch does not count what the thread ran before its loop was held', () => {
  const now = { bytes: 5000, cpuUs: 0 };
  const watch = lateWatch(now);
  for (let ms = 1; ms <= 400; ms++) {
    now.cpuUs = ms * 1000;
    watch.turn(ms * 1000, 0);
  }
  now.bytes = 4000;
  watch.turn(490_000, 80_000);
  expect(watch.take()).toEqual(NO_PAUSES);
});

test('LateGcWatch goes by the heap alone where the system does not tell for how long a thread ran', () => {
  const now = { bytes: 5000, cpuUs: null };
  const watch = lateWatch(now);
  now.bytes = 4000;
  watch.turn(40_000, 30_000);
  expect(watch.take()).toEqual({ count: 1, totalUs: 30_000, longestUs: 30_000 });
});

test('LateGcWatch takes no pause from a thread that slept, although its heap has shrunk', async () => {
  const clock = monotonicClock();
  const collect = runInNewContext('gc') as () => void;
  let kept: object[] = [];
  for (let i = 0; i < 200_000; i++) kept.push({ i });
  const fromUs = clock.nowUs();
  const watch = new LateGcWatch(fromUs);
  kept = [];
  collect();
  await setTimeout(500);
  const nowUs = clock.nowUs();
  watch.turn(nowUs, nowUs - fromUs);
  expect(watch.take()).toEqual(NO_PAUSES);
});
