/**
 * A histogram that only waits to be added to another: the indices that have values and their counts, which is some
 * ten kilobytes for an interval's times in the place of two hundred.
 */
export interface CompactCounts {
  indices: Uint32Array;
  /** Count of the value at `indices[i]`. */
  counts: Float64Array;
  /** How many of both are in use: their memory is there for more, so that it can be used again. */
  length: number;
  /** Number of values, the sum of `counts`. */
  count: number;
  /** Exact, as are the two below. */
  sumUs: number;
  minUs: number;
  maxUs: number;
}

/** One without values. */
export function newCompactCounts(): CompactCounts {
  return {
    indices: new Uint32Array(0),
    counts: new Float64Array(0),
    length: 0,
    count: 0,
    sumUs: 0,
    minUs: Infinity,
    maxUs: 0,
  };
}

/** Makes room for `length` indices; what was there may be gone. */
export function reserveCompact(compact: CompactCounts, length: number): void {
  if (compact.indices.length >= length) return;
  const room = Math.ceil(length * ROOM_FACTOR);
  compact.indices = new Uint32Array(room);
  compact.counts = new Float64Array(room);
}

/** Takes over what `from` holds, in memory of its own; null: nothing. */
export function copyCompact(from: CompactCounts | null, into: CompactCounts): void {
  const length = from?.length ?? 0;
  reserveCompact(into, length);
  for (let i = 0; i < length; i++) {
    into.indices[i] = from!.indices[i]!;
    into.counts[i] = from!.counts[i]!;
  }
  into.length = length;
  into.count = from?.count ?? 0;
  into.sumUs = from?.sumUs ?? 0;
  into.minUs = from?.minUs ?? Infinity;
  into.maxUs = from?.maxUs ?? 0;
}

/** Seconds differ in how many different times they have: so much more is had ready. */
const ROOM_FACTOR = 1.5;
