import fc from 'fast-check';
import { expect, test } from 'vitest';

import { DoublingSeries } from '../../../src/report/live/doubling-series.ts';

function seriesOf(capacity: number, values: readonly (number | null)[]): DoublingSeries {
  const series = new DoublingSeries(capacity);
  for (const value of values) series.add(value);
  return series;
}

test('DoublingSeries keeps every value as long as there is room', () => {
  const series = seriesOf(4, [1, null, 3, 4]);
  expect([series.points, series.valuesPerPoint]).toEqual([[1, null, 3, 4], 1]);
});

test('DoublingSeries joins neighbours by their highest when its points are taken', () => {
  const series = seriesOf(4, [1, 2, 9, 4, 5, 3]);
  expect([series.points, series.valuesPerPoint]).toEqual([[2, 9, 5], 2]);
});

test('DoublingSeries leaves a gap where a whole span had no value', () => {
  expect(seriesOf(4, [1, 2, null, null, 7]).points).toEqual([2, null, 7]);
});

test('DoublingSeries stays within its points, and each is the highest of its span, for a run of any length', () => {
  const values = fc.array(fc.option(fc.nat(1000)), { maxLength: 500 });
  fc.assert(
    fc.property(values, (all) => {
      const { points, valuesPerPoint } = seriesOf(8, all);
      expect(points.length).toBeLessThanOrEqual(8);
      const spans = Array.from({ length: Math.ceil(all.length / valuesPerPoint) }, (_, index) =>
        all.slice(index * valuesPerPoint, (index + 1) * valuesPerPoint).filter((value) => value !== null),
      );
      expect(points).toEqual(spans.map((span) => (span.length === 0 ? null : Math.max(...span))));
    }),
  );
});
