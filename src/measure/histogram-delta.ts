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

/** What several recorders of one metric took in the same interval, as if one had; null where none took anything. */
export function joinDeltas(deltas: readonly (HistogramDelta | null)[]): HistogramDelta | null {
  const taken = deltas.filter((delta) => delta !== null);
  const [first] = taken;
  if (first === undefined || taken.length === 1) return first ?? null;
  const firstIndex = Math.min(...taken.map((delta) => delta.firstIndex));
  const counts = new Uint32Array(
    Math.max(...taken.map((delta) => delta.firstIndex + delta.counts.length)) - firstIndex,
  );
  const joined = { firstIndex, counts, count: 0, sumUs: 0, minUs: Infinity, maxUs: 0 };
  for (const delta of taken) {
    const shift = delta.firstIndex - firstIndex;
    for (let i = 0; i < delta.counts.length; i++) counts[shift + i]! += delta.counts[i]!;
    joined.count += delta.count;
    joined.sumUs += delta.sumUs;
    joined.minUs = Math.min(joined.minUs, delta.minUs);
    joined.maxUs = Math.max(joined.maxUs, delta.maxUs);
  }
  return joined;
}
