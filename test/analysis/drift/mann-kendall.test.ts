import { expect, test } from 'vitest';
import { mannKendall, theilSen, tiedGroups } from '../../../src/analysis/drift/mann-kendall.ts';

test('mannKendall of a rising row is as unlikely as one order and its reverse', () => {
  const { statistic, p } = mannKendall(Float64Array.of(1, 2, 3, 4, 5, 6));
  expect(statistic).toBe(15);
  expect(p).toBeCloseTo(2 / 720, 12);
});

test('mannKendall counts ties as neither', () => {
  // Pairs: 1-1 tied, all others rise: S = 5 of 5; of the 12 orders of 1 1 2 3 one rises and one falls throughout.
  expect(mannKendall(Float64Array.of(1, 1, 2, 3))).toEqual({ statistic: 5, p: 2 / 12 });
  expect(mannKendall(Float64Array.of(4, 4, 4, 4))).toEqual({ statistic: 0, p: 1 });
  expect(tiedGroups(Float64Array.of(5, 1, 5, 2, 5))).toEqual([1, 1, 3]);
});

test('theilSen gives the slope in spite of an outlier, and bounds that widen', () => {
  const times = Float64Array.from({ length: 12 }, (_, i) => 10 * i);
  const values = times.map((time, i) => 3 + 0.5 * time + (i % 3) * 0.1);
  values[7] = 900;
  const narrow = theilSen(times, values, { confidence: 0.99, inflation: 1 });
  expect(narrow.value).toBeCloseTo(0.5, 2);
  expect(narrow.low).toBeLessThan(0.5);
  expect(narrow.high).toBeGreaterThan(0.5);
  const wide = theilSen(times, values, { confidence: 0.99, inflation: 1.3 });
  expect(wide.value).toBe(narrow.value);
  expect(wide.high).toBeGreaterThan(narrow.high);
});
