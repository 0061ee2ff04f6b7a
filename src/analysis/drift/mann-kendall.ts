import { pairwiseEstimate, twoSidedProbability, type Estimate } from '../statistics/order-statistics.ts';

/** What the test of Mann and Kendall says of a row of values. */
export interface MannKendall {
  /** Pairs in which the later value is larger, less those in which it is smaller. */
  statistic: number;
  /** Two-sided and exact, ties included. */
  p: number;
}

/**
 * Tests a short row (at most 18 values) for a monotonic trend: Kendall's S against its exact null distribution.
 * Source: H. Mann, Econometrica 13 (1945), 245; M. Kendall, Rank Correlation Methods (1975), chapter 4 (ties).
 */
export function mannKendall(values: Float64Array): MannKendall {
  let statistic = 0;
  for (let later = 1; later < values.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      statistic += Math.sign(values[later]! - values[earlier]!);
    }
  }
  return { statistic, p: twoSidedProbability(tiedGroups(values), statistic) };
}

/** How many values are equal to each other, group by group. */
export function tiedGroups(values: Float64Array): number[] {
  const ordered = values.toSorted();
  const groups: number[] = [];
  for (let i = 0; i < ordered.length; i++) {
    if (i > 0 && ordered[i] === ordered[i - 1]) groups[groups.length - 1]!++;
    else groups.push(1);
  }
  return groups.toSorted((a, b) => a - b);
}

/**
 * The slope of Theil and Sen: the median of the slopes between all pairs, with its confidence bounds.
 * @param times one for each value, rising
 * @param inflation how many times wider the bounds are than for independent values
 * Source: H. Theil, Proc. K. Ned. Akad. Wet. 53 (1950), 386; P. Sen, J. Am. Stat. Assoc. 63 (1968), 1379.
 */
export function theilSen(
  times: Float64Array,
  values: Float64Array,
  { confidence, inflation }: { confidence: number; inflation: number },
): Estimate {
  const length = values.length;
  const slopes = new Float64Array((length * (length - 1)) / 2);
  let pair = 0;
  for (let later = 1; later < length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      slopes[pair++] = (values[later]! - values[earlier]!) / (times[later]! - times[earlier]!);
    }
  }
  const groups = Array.from({ length }, () => 1);
  return pairwiseEstimate(slopes, { groups, confidence, inflation });
}
