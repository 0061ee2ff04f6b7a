/** What one shard recorded of one metric in one interval; `counts` is handed over to the coordinator, not copied. */
export interface HistogramDelta {
  /** Histogram index of `counts[0]`; indices outside the range have no values. */
  firstIndex: number;
  counts: Float64Array;
  /** Number of values, the sum of `counts`. */
  count: number;
  /** Exact, as are the two below: the histogram itself knows values to three digits only. */
  sumUs: number;
  minUs: number;
  maxUs: number;
}
