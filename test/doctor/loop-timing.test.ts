import { expect, test } from 'vitest';

import { monotonicClock } from '../../src/base/clock.ts';
import { measureLoop, percentiles } from '../../src/doctor/loop-timing.ts';
import { holdLoop } from '../support/shard-run.ts';

test.each([
  ['one value', [7], { count: 1, p50: 7, p99: 7 }],
  ['values out of order', [4, 1, 3, 2], { count: 4, p50: 2, p99: 4 }],
  [
    'a hundred values, of which the last is beyond p99',
    Array.from({ length: 100 }, (_, i) => i + 1),
    { count: 100, p50: 50, p99: 99 },
  ],
])('percentiles of %s', (_, values, expected) => {
  expect(percentiles(values)).toEqual(expected);
});

test('measureLoop times timers and turns for as long as it was told', async () => {
  const startMs = performance.now();
  const { timeoutLatenessUs, turnUs } = await measureLoop(monotonicClock(), 60);
  const tookMs = performance.now() - startMs;
  expect(tookMs).toBeGreaterThanOrEqual(60);
  expect(timeoutLatenessUs.count).toBeGreaterThan(1);
  expect(timeoutLatenessUs.p50).toBeGreaterThan(-1000);
  expect(timeoutLatenessUs.p50).toBeLessThan(tookMs * 1000);
  expect(turnUs.count).toBeGreaterThan(10);
  expect(turnUs.p50).toBeGreaterThan(0);
});

test('measureLoop shows what holds the loop up', async () => {
  const holding = setInterval(() => holdLoop(10), 1);
  try {
    const { timeoutLatenessUs, turnUs } = await measureLoop(monotonicClock(), 60);
    expect(timeoutLatenessUs.p99).toBeGreaterThan(8000);
    expect(turnUs.p99).toBeGreaterThan(8000);
  } finally {
    clearInterval(holding);
  }
});
