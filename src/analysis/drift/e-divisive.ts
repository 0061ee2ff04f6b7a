import type { Random } from '../../base/random.ts';

/** Where a row of values most likely changed its level, and how likely chance alone would show as much. */
export interface Division {
  /** Index of the first value after the change. */
  split: number;
  p: number;
}

/**
 * E-divisive with one change point and exponent 1: the split that maximizes the energy distance
 * m n / (m + n) x (2 E|X - Y| - E|X - X'| - E|Y - Y'|) between what lies before and after it, tested by permutations.
 * The permutations end as soon as enough of them reached the observed value, which keeps p valid and costs little where
 * nothing is to be found.
 * Source: D. Matteson, N. James, J. Am. Stat. Assoc. 109 (2014), 334, eq. 5 to 7 and section 3.2; as used on
 * performance data: D. Daly et al., ICPE 2020, 67. Sequential p: J. Besag, P. Clifford, Biometrika 78 (1991), 301.
 */
export function eDivisive(values: Float64Array, random: Random): Division {
  const length = values.length;
  const order = Uint8Array.from(values, (_, index) => index);
  const distances = distancesOf(values);
  const observed = { ...bestSplit(distances, order) };
  if (observed.split === 0) return { split: 0, p: 1 };
  let reached = 0;
  for (let permutations = 1; permutations <= PERMUTATIONS_MAX; permutations++) {
    for (let i = length - 1; i > 0; i--) {
      const other = random.below(i + 1);
      const kept = order[i]!;
      order[i] = order[other]!;
      order[other] = kept;
    }
    if (bestSplit(distances, order).statistic >= observed.statistic * (1 - 1e-12)) reached++;
    if (reached === REACHED_ENOUGH) return { split: observed.split, p: reached / permutations };
  }
  return { split: observed.split, p: (reached + 1) / (PERMUTATIONS_MAX + 1) };
}

/** Distances of all pairs, row by row. */
function distancesOf(values: Float64Array): Float64Array {
  const length = values.length;
  const distances = new Float64Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) distances[i * length + j] = Math.abs(values[i]! - values[j]!);
  }
  return distances;
}

/** The best split of the values taken in `order`; split 0 where all are equal. The object returned is used again. */
function bestSplit(distances: Float64Array, order: Uint8Array): { split: number; statistic: number } {
  const length = order.length;
  let left = 0;
  let right = 0;
  let between = 0;
  for (let i = 1; i < length; i++) {
    const row = order[i]! * length;
    for (let j = 0; j < i; j++) right += distances[row + order[j]!]!;
  }
  best.split = 0;
  best.statistic = 0;
  for (let split = 1; split <= length - SEGMENT_MIN; split++) {
    // The value before the split changes sides.
    const row = order[split - 1]! * length;
    let toLeft = 0;
    let toRight = 0;
    for (let j = 0; j < split - 1; j++) toLeft += distances[row + order[j]!]!;
    for (let j = split; j < length; j++) toRight += distances[row + order[j]!]!;
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    if (split < SEGMENT_MIN) continue;
    const m = split;
    const n = length - split;
    const energy = (2 * between) / (m * n) - (2 * left) / (m * (m - 1)) - (2 * right) / (n * (n - 1));
    const statistic = ((m * n) / (m + n)) * energy;
    if (statistic > best.statistic) {
      best.split = split;
      best.statistic = statistic;
    }
  }
  return best;
}

const best = { split: 0, statistic: 0 };

/** Fewer values on one side are an episode and no new level. */
const SEGMENT_MIN = 3;
/** Enough for p = 0.0001, which passes beside dozens of other tests. */
const PERMUTATIONS_MAX = 9999;
/** Permutations that reach the observed value before it is given up. */
const REACHED_ENOUGH = 10;
