/**
 * A histogram that only waits to be added to another: the indices that have values and their counts, which is some
 * ten kilobytes for an interval's times in the place of two hundred.
 */
export interface CompactCounts {
  indices: Uint32Array;
  /** Count of the value at `indices[i]`. */
  counts: Float64Array;
  /** Number of values, the sum of `counts`. */
  count: number;
  /** Exact, as are the two below. */
  sumUs: number;
  minUs: number;
  maxUs: number;
}
