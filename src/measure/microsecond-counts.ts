import { Float64Histogram } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import { RECORDED_US_MAX } from './time-index.ts';

/**
 * An empty histogram of 0 us to an hour. 64-bit buckets: the library's smaller ones wrap silently.
 * Costs 185 kB, hence one is made only where something is recorded.
 */
export function newMicrosecondCounts(): Float64Histogram {
  return new Float64Histogram(1, RECORDED_US_MAX, SIGNIFICANT_DIGITS);
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

/** Recorded times are true to this many decimal digits, that is to 0.1 %. */
const SIGNIFICANT_DIGITS = 3;
