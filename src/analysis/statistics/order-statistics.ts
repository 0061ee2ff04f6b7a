/** The median of the first `length` values; NaN of none. Puts them in order. */
export function medianInPlace(values: Float64Array, length: number = values.length): number {
  if (length === 0) return NaN;
  values.subarray(0, length).sort();
  const middle = length >> 1;
  return length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** The median, leaving the values as they stand; NaN of none. */
export function median(values: Float64Array): number {
  return medianInPlace(Float64Array.from(values));
}

/**
 * The spread of values about a fit as the standard deviation of a normal distribution with the same median distance (1.4826
 * times it); NaN is passed over.
 * Source: P. Rousseeuw, C. Croux, J. Am. Stat. Assoc. 88 (1993), 1273.
 */
export function robustDeviation(values: Float64Array, fitted: (index: number) => number): number {
  const distances = new Float64Array(values.length);
  let known = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i]! - fitted(i));
    if (!Number.isNaN(distance)) distances[known++] = distance;
  }
  return 1.4826 * medianInPlace(distances, known);
}

/**
 * Coefficients of the Gaussian multinomial [n; t1, t2, ...]_q: how many orders of a row with groups of t1, t2, ... equal
 * values have 0, 1, 2, ... inversions (a larger value before a smaller one). Exact while the sum stays below 2^53, that
 * is for 18 different values, or 24 in two groups.
 *
 * Two exact null distributions are made of it: of Kendall's S with ties (S = pairs - 2 x inversions, pairs of equal values
 * not counted), and of Mann and Whitney's U (two groups).
 * Source: P. MacMahon, Combinatory Analysis I (1915), on the index of permutations; G. Andrews, The Theory of Partitions
 * (1976), theorem 3.6 (the coefficients count inversions).
 */
export function inversionCounts(groups: readonly number[]): Float64Array {
  const key = groups.join(',');
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const counts = new Float64Array(pairsBetween(groups) + 1);
  counts[0] = 1;
  let placed = 0;
  for (const size of groups) {
    // Times the Gaussian binomial [placed + size; size] = product over j of (1 - q^(placed + j)) / (1 - q^j).
    for (let j = 1; j <= size; j++) {
      for (let i = counts.length - 1; i >= placed + j; i--) counts[i]! -= counts[i - placed - j]!;
      for (let i = j; i < counts.length; i++) counts[i]! += counts[i - j]!;
    }
    placed += size;
  }
  if (KNOWN.size < DISTRIBUTIONS_KEPT_MAX) KNOWN.set(key, counts);
  return counts;
}

/** P(|S| >= |statistic|) where S = pairs - 2 x inversions and every order is as likely. */
export function twoSidedProbability(groups: readonly number[], statistic: number): number {
  const counts = inversionCounts(groups);
  const pairs = counts.length - 1;
  let extreme = 0;
  let all = 0;
  for (let inversions = 0; inversions <= pairs; inversions++) {
    all += counts[inversions]!;
    if (Math.abs(pairs - 2 * inversions) >= Math.abs(statistic)) extreme += counts[inversions]!;
  }
  return extreme / all;
}

/** A value and the bounds within which it lies with the confidence asked for. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface ConfidenceOptions {
  /** The groups whose inversions the estimate rests on, as for `inversionCounts`. */
  groups: readonly number[];
  /** 0.99 for an interval that holds the truth 99 times of 100. */
  confidence: number;
  /** How many times wider than for independent values; at least 1. */
  inflation: number;
}

/**
 * The median of pairwise values (slopes, differences), with the confidence bounds that the exact distribution of S gives:
 * of N ordered values, numbers (N - C) / 2 and (N + C) / 2 + 1, C being the critical value of S.
 * Puts the values in order.
 * Source: P. Sen, J. Am. Stat. Assoc. 63 (1968), 1379, eq. 2.6 (slopes); M. Hollander, D. Wolfe, Nonparametric
 * Statistical Methods (1999), section 4.3 (shifts).
 */
export function pairwiseEstimate(values: Float64Array, options: ConfidenceOptions): Estimate {
  const pairs = values.length;
  const critical = criticalStatistic(options.groups, options.confidence);
  const value = medianInPlace(values);
  const reach = Math.min(pairs, Math.ceil(critical * options.inflation));
  const low = Math.max(0, Math.floor((pairs - reach) / 2) - 1);
  return { value, low: values[low]!, high: values[pairs - 1 - low]! };
}

/** The smallest C with P(|S| > C) <= 1 - confidence. */
function criticalStatistic(groups: readonly number[], confidence: number): number {
  const counts = inversionCounts(groups);
  const pairs = counts.length - 1;
  const all = counts.reduce((sum, count) => sum + count, 0);
  let extreme = 0;
  for (let inversions = 0; inversions * 2 < pairs; inversions++) {
    extreme += 2 * counts[inversions]!;
    if (extreme > (1 - confidence) * all) return pairs - 2 * inversions;
  }
  return 0;
}

function pairsBetween(groups: readonly number[]): number {
  const all = groups.reduce((sum, size) => sum + size, 0);
  return groups.reduce((pairs, size) => pairs - (size * (size - 1)) / 2, (all * (all - 1)) / 2);
}

/** Distributions that are remembered; those of further patterns of ties are computed each time. */
const DISTRIBUTIONS_KEPT_MAX = 256;
const KNOWN = new Map<string, Float64Array>();
