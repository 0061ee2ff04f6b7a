import { medianInPlace, type Estimate } from './order-statistics.ts';
import { lowerBoundIndex, signedRankCounts } from './rank-sums.ts';

/**
 * The center of values that lie symmetrically about it, after Hodges and Lehmann: the median of the means of all twos of them
 * (Walsh averages, each value with itself included), with the interval that the exact signed-rank distribution gives. It
 * holds the truth at least as often as `confidence` says, whatever the values' distribution; equal values make it wider, never
 * narrower. Where there are too few values for that confidence, nothing bounds the truth: the bounds are infinite.
 * @param values at least one
 * Source: J. Hodges, E. Lehmann, Ann. Math. Stat. 34 (1963), 598; J. Tukey, memorandum report 17 (1949), on the interval.
 */
export function hodgesLehmann(values: readonly number[], confidence: number): Estimate {
  const averages = walshAverages(values);
  const value = medianInPlace(averages);
  const low = signedRankIndex(values.length, confidence);
  if (low < 0) return { value, low: -Infinity, high: Infinity };
  return { value, low: averages[low]!, high: averages[averages.length - 1 - low]! };
}

/**
 * The least number of values that bound the truth with this confidence: 2 / 2^n must not be above 1 - confidence.
 * @example signedRankMin(0.95) // 6
 */
export function signedRankMin(confidence: number): number {
  return Math.ceil(1 - Math.log2(1 - confidence) - ROUNDING);
}

function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j <= i; j++) averages[next++] = (values[i]! + values[j]!) / 2;
  }
  return averages;
}

/** Simulations ask for the same few sizes again and again. */
function signedRankIndex(n: number, confidence: number): number {
  const key = `${n} ${confidence}`;
  const known = INDEXES.get(key);
  if (known !== undefined) return known;
  const index = lowerBoundIndex(signedRankCounts(n), (1 - confidence) / 2 + ROUNDING);
  if (INDEXES.size < INDEXES_KEPT_MAX) INDEXES.set(key, index);
  return index;
}

/** 1 - 0.75 is exact and 1 - 0.95 is not: such a residue must not decide where a probability equals the bound. */
const ROUNDING = 1e-12;
/** Indexes that are remembered; further ones are computed each time. */
const INDEXES_KEPT_MAX = 1024;
const INDEXES = new Map<string, number>();
