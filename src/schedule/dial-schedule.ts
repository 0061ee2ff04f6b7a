export interface DialScheduleOptions {
  /** Dials a second over all shards; null: all are due at once. */
  ratePerSecond: number | null;
  shard: number;
  shards: number;
}

/**
 * When a shard's `index`-th dial is due, in microseconds since the run's start. The run's n-th dial is due at n / R
 * and belongs to shard n mod S, so the shards' dials interleave to exactly the planned rate.
 */
export function dialDueUs(index: number, options: DialScheduleOptions): number {
  if (options.ratePerSecond === null) return 0;
  return ((index * options.shards + options.shard) * 1e6) / options.ratePerSecond;
}
