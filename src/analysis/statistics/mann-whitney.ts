import { medianInPlace, type Estimate } from './order-statistics.ts';
import { lowerBoundIndex, rankSumCounts } from './rank-sums.ts';

/**
 * How far the values of `b` lie above those of `a`, which are of the same distribution but for that shift: the median of all
 * differences, with the interval that Mann and Whitney's exact distribution gives. Equal values make it wider, never narrower.
 * The bounds are infinite where there are too few values for the confidence.
 * @param a at least one value; @param b likewise
 * Source: H. Mann, D. Whitney, Ann. Math. Stat. 18 (1947), 50; J. Hodges, E. Lehmann, Ann. Math. Stat. 34 (1963), 598.
 */
export function shiftBetween(a: readonly number[], b: readonly number[], confidence: number): Estimate {
  const differences = Float64Array.from(b.flatMap((later) => a.map((earlier) => later - earlier)));
  const value = medianInPlace(differences);
  const low = lowerBoundIndex(rankSumCounts(a.length, b.length), (1 - confidence) / 2 + ROUNDING);
  if (low < 0) return { value, low: -Infinity, high: Infinity };
  return { value, low: differences[low]!, high: differences[differences.length - 1 - low]! };
}

/** A residue of 1 - confidence must not decide where a probability equals the bound. */
const ROUNDING = 1e-12;
