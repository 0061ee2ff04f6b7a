/**
 * Exact null distributions of rank sums, by adding only, so that their counts are as exact as doubles are for any number
 * of ranks: f(n, s) = f(n - 1, s) + f(n - 1, s - n), the subsets of the ranks 1..n with sum s being those without n and
 * those with it.
 * Source: F. Wilcoxon, Biometrics Bull. 1 (1945), 80; H. Mann, D. Whitney, Ann. Math. Stat. 18 (1947), 50, eq. 3.
 */

/**
 * How many subsets of the ranks 1..n have the sum 0, 1, 2, ..., n (n + 1) / 2: of Wilcoxon's signed-rank statistic, where
 * each rank counts or does not, one as likely as the other.
 */
export function signedRankCounts(n: number): Float64Array {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1);
  counts[0] = 1;
  let reached = 0;
  for (let rank = 1; rank <= n; rank++) {
    reached += rank;
    for (let sum = reached; sum >= rank; sum--) counts[sum]! += counts[sum - rank]!;
  }
  return counts;
}

/**
 * In how many of the orders of `n` and `m` values the second kind comes first in 0, 1, 2, ..., n m of the pairs: of Mann and
 * Whitney's U, every order being as likely.
 */
export function rankSumCounts(n: number, m: number): Float64Array {
  // Row k: subsets of k ranks of those seen so far, by how far their sum lies above the least it can be.
  const rows = Array.from({ length: n + 1 }, () => new Float64Array(n * m + 1));
  rows[0]![0] = 1;
  for (let rank = 1; rank <= n + m; rank++) {
    for (let size = Math.min(n, rank); size >= 1; size--) {
      const above = rank - size;
      for (let sum = n * m; sum >= above; sum--) rows[size]![sum]! += rows[size - 1]![sum - above]!;
    }
  }
  return rows[n]!;
}

/**
 * The largest k with P(T <= k) <= `probability`, T having the counts; -1 where even P(T <= 0) is larger. In a list of the
 * pairwise values in order, counted from 0, number k is then the lower confidence bound: the truth lies below it exactly when
 * T is k or less. Number k + 1 would leave out too often.
 * Source: M. Hollander, D. Wolfe, Nonparametric Statistical Methods (1999), sections 3.3 and 4.3.
 */
export function lowerBoundIndex(counts: Float64Array, probability: number): number {
  const allowed = counts.reduce((sum, count) => sum + count, 0) * probability;
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    sum += counts[k]!;
    if (sum > allowed) return k - 1;
  }
  return counts.length - 1;
}
