import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  lowerBoundIndex,
  rankSumCounts,
  signedRankCounts,
} from '../../../src/analysis/statistics/rank-sums.ts';

test('signedRankCounts counts the subsets of the ranks by their sum, as an enumeration of all does', () => {
  for (let n = 1; n <= 12; n++) {
    const counts = new Float64Array((n * (n + 1)) / 2 + 1);
    for (let subset = 0; subset < 2 ** n; subset++) {
      let sum = 0;
      for (let rank = 1; rank <= n; rank++) if ((subset >> (rank - 1)) & 1) sum += rank;
      counts[sum] = (counts[sum] ?? 0) + 1;
    }
    expect(signedRankCounts(n)).toEqual(counts);
  }
});

test('rankSumCounts counts the orders by the pairs in which the second kind comes first, as an enumeration does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), (n, m) => {
      const counts = new Float64Array(n * m + 1);
      for (let order = 0; order < 2 ** (n + m); order++) {
        let [firsts, seconds, pairs] = [0, 0, 0];
        for (let place = 0; place < n + m; place++) {
          if ((order >> place) & 1) {
            firsts++;
            pairs += seconds;
          } else seconds++;
        }
        if (firsts === n) counts[pairs] = (counts[pairs] ?? 0) + 1;
      }
      expect(rankSumCounts(n, m)).toEqual(counts);
    }),
  );
});

/*
 * Published: the largest T with P(T <= t) <= 0.025, as tables of two-sided critical values at 5% have it. F. Wilcoxon, R. Wilcox,
 * Some Rapid Approximate Statistical Procedures (1964), tables 1 and 2 (paired and unpaired; U as by D. Auble, 1953).
 */
test.each([
  [6, 0],
  [7, 2],
  [8, 3],
  [9, 5],
  [10, 8],
  [12, 13],
  [15, 25],
  [20, 52],
  [25, 89],
])('the critical value of the signed-rank statistic of %i pairs is %i', (n, critical) => {
  expect(lowerBoundIndex(signedRankCounts(n), 0.025)).toBe(critical);
});

test.each([
  [4, 4, 0],
  [5, 5, 2],
  [5, 8, 6],
  [8, 8, 13],
  [10, 10, 23],
  [20, 20, 127],
])('the critical value of U of %i and %i runs is %i', (n, m, critical) => {
  expect(lowerBoundIndex(rankSumCounts(n, m), 0.025)).toBe(critical);
});

test('lowerBoundIndex is -1 where even the most extreme outcome is too likely', () => {
  expect(lowerBoundIndex(signedRankCounts(5), 0.025)).toBe(-1);
  expect(lowerBoundIndex(rankSumCounts(3, 3), 0.025)).toBe(-1);
});
