import { expect, test } from 'vitest';
import {
  inversionCounts,
  median,
  medianInPlace,
  pairwiseEstimate,
  twoSidedProbability,
} from '../../../src/analysis/statistics/order-statistics.ts';

test('median is the middle value, or the mean of the two', () => {
  expect(median(Float64Array.of(3, 1, 2))).toBe(2);
  expect(median(Float64Array.of(4, 1, 3, 2))).toBe(2.5);
  expect(median(new Float64Array(0))).toBeNaN();
  expect(medianInPlace(Float64Array.of(9, 7, 8, 1), 3)).toBe(8);
});

/** Every distinct order of `values`, by brute force. */
function orders(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return [...new Set(values)].flatMap((first) => {
    const rest = values.toSpliced(values.indexOf(first), 1);
    return orders(rest).map((order) => [first, ...order]);
  });
}

function inversions(values: readonly number[]): number {
  return values.reduce(
    (sum, value, i) => sum + values.slice(i + 1).filter((later) => later < value).length,
    0,
  );
}

test.each([[[1, 1, 1]], [[2, 2]], [[1, 1, 1, 1, 1, 1]], [[3, 1, 2]], [[1, 2, 2, 2]], [[5]], [[4, 3]]])(
  'inversionCounts of groups %j are those of all orders written out',
  (groups) => {
    const expected: number[] = [];
    for (const order of orders(groups.flatMap((size, value) => Array.from({ length: size }, () => value)))) {
      const count = inversions(order);
      expected[count] = (expected[count] ?? 0) + 1;
    }
    expect([...inversionCounts(groups)]).toEqual(expected);
  },
);

test('inversionCounts stays exact for 12 values, and for 24 in two groups', () => {
  const sum = (groups: number[]): number => inversionCounts(groups).reduce((a, b) => a + b, 0);
  expect(sum(Array.from({ length: 12 }, () => 1))).toBe(479_001_600);
  expect(sum([12, 12])).toBe(2_704_156);
});

test.each([
  { n: 10, statistic: 21, oneSided: 0.036 },
  { n: 10, statistic: 23, oneSided: 0.023 },
  { n: 10, statistic: 27, oneSided: 0.0083 },
  { n: 4, statistic: 6, oneSided: 0.042 },
  { n: 8, statistic: 16, oneSided: 0.031 },
])(
  'twoSidedProbability of S = $statistic among $n is twice the published $oneSided',
  ({ n, statistic, oneSided }) => {
    // Source: R. Gilbert, Statistical Methods for Environmental Pollution Monitoring (1987), table A18.
    const p = twoSidedProbability(
      Array.from({ length: n }, () => 1),
      statistic,
    );
    expect(Math.abs(p / 2 - oneSided)).toBeLessThan(0.0006);
    expect(
      twoSidedProbability(
        Array.from({ length: n }, () => 1),
        -statistic,
      ),
    ).toBe(p);
  },
);

test('pairwiseEstimate takes the order statistics of the exact distribution', () => {
  // Source: Hollander and Wolfe, example 4.1 to 4.4: m = 10, n = 5, shift -0.305, 96% interval from -0.76 to 0.15.
  const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const y = [1.15, 0.88, 0.9, 0.74, 1.21];
  const differences = Float64Array.from(y.flatMap((later) => x.map((earlier) => later - earlier)));
  const { value, low, high } = pairwiseEstimate(differences, {
    groups: [10, 5],
    confidence: 0.96,
    inflation: 1,
  });
  expect(value).toBeCloseTo(-0.305, 6);
  expect(low).toBeCloseTo(-0.76, 6);
  expect(high).toBeCloseTo(0.15, 6);
});
