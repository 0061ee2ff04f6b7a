import { expect, test } from 'vitest';
import { zeroEventsBound } from '../../../src/analysis/statistics/zero-events.ts';

/** One-sided exact limits, as R's binom.test(0, n, alternative = "less") gives them: 1 - 0.05^(1/n). */
test.each([
  [1, 0.95],
  [10, 0.2589],
  [30, 0.095],
  [100, 0.0295],
])('none of %i: at most %d', (trials, bound) => {
  expect(zeroEventsBound(trials, 0.95)).toBeCloseTo(bound, 4);
});

test('is three over the trials where there are many, and all where there are none', () => {
  expect(zeroEventsBound(1_000_000, 0.95) * 1_000_000).toBeCloseTo(2.9957, 3);
  expect(zeroEventsBound(0, 0.95)).toBe(1);
});

test('an event of the bound is missed by all trials exactly as often as the confidence leaves', () => {
  expect((1 - zeroEventsBound(17, 0.99)) ** 17).toBeCloseTo(0.01, 10);
});
