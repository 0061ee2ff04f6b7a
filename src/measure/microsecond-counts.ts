import { Float64Histogram } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';

/** Longest time that is told apart, one hour; anything longer counts as this. Unit: microseconds. */
export const RECORDED_US_MAX = 3_600_000_000;

/** Recorded times are true to this many decimal digits, that is to 0.1 %. */
const SIGNIFICANT_DIGITS = 3;

/** Times below this have an index each; above, the step doubles with every power of two. */
const SINGLE_STEP_US = 2048;

/** Indices that one power of two is cut into, as a number of bits: 2^10 steps are finer than three digits. */
const STEP_BITS = 10;

/** Number of indices from 0 to `RECORDED_US_MAX`. */
export const INDEX_COUNT: number = indexOfUs(2 ** 32 - 1) + 1;

/**
 * An empty histogram of 0 us to an hour. 64-bit buckets: the library's smaller ones wrap silently.
 * Costs 185 kB, hence one is made only where something is recorded.
 */
export function newMicrosecondCounts(): Float64Histogram {
  return new Float64Histogram(1, RECORDED_US_MAX, SIGNIFICANT_DIGITS);
}

/**
 * The index of a time in such a histogram: the library's own layout, but with integers. The library takes logarithms
 * and powers in floating point, which costs ten times as much, and a shard does this several times a frame.
 *
 * With b the number of bits of the time, it is shifted right by s = b - 11 so that 11 bits are left, of which the
 * first is always set: index = 1024 s + (time >> s).
 * @param us a whole number from 0 to `RECORDED_US_MAX`
 */
export function indexOfUs(us: number): number {
  if (us < SINGLE_STEP_US) return us;
  const shift = 31 - STEP_BITS - Math.clz32(us);
  return (shift << STEP_BITS) + (us >>> shift);
}

/**
 * The counts behind a histogram, by index, for copies by range: one call a value through the library would cost ten
 * times the copy.
 */
export function countsOf(histogram: Float64Histogram): Float64Array {
  const counts: unknown = histogram._counts;
  assert(counts instanceof Float64Array, 'a 64-bit histogram keeps its counts in a Float64Array');
  return counts;
}
