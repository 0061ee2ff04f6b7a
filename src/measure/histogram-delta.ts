/** What one shard recorded of one metric in one interval; `counts` is handed over to the coordinator, not copied. */
export interface HistogramDelta {
  /** Histogram index of `counts[0]`; indices outside the range have no values. */
  firstIndex: number;
  /** Of one interval, so 32 bits are enough (the recorder checks); they are added up in 64. */
  counts: Uint32Array;
  /** Number of values, the sum of `counts`. */
  count: number;
  /** Exact, as are the two below: the histogram itself knows values to three digits only. */
  sumUs: number;
  minUs: number;
  maxUs: number;
}
