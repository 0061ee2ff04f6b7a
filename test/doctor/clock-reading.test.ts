import { expect, test } from 'vitest';

import { monotonicClock } from '../../src/base/clock.ts';
import { measureClock } from '../../src/doctor/clock-reading.ts';

test('measureClock tells what a reading costs and the least step', () => {
  let readings = 0;
  // Each reading takes 50 ns, and the clock shows whole steps of 200 ns only.
  const clock = { nowUs: () => Math.floor((readings++ * 50) / 200) * 0.2 };
  const { costNs, stepNs } = measureClock(clock);
  expect(costNs).toBeCloseTo(50, 0);
  expect(stepNs).toBeCloseTo(200, 3);
});

test('measureClock finds the clock of this machine finer than 100 us', () => {
  const { costNs, stepNs } = measureClock(monotonicClock());
  expect(costNs).toBeGreaterThan(1);
  expect(costNs).toBeLessThan(100_000);
  expect(stepNs).toBeGreaterThan(0);
  expect(stepNs).toBeLessThan(100_000);
});
