import { medianInPlace } from '../statistics/order-statistics.ts';

/** Intervals of a run that are all equally wide, oldest first: the rows behind every series. */
export interface Rows {
  /** Middle of each, in seconds since the run's start. */
  times: Float64Array;
  widthSeconds: number;
}

/** A run in parts of as many intervals each, and one figure for each part. */
export interface Batches {
  /** Mean time of each batch's intervals, in seconds since the run's start. */
  times: Float64Array;
  values: Float64Array;
  /** Intervals in a batch, on average. */
  length: number;
}

/** How a batch is told by one figure: counts of rare events have no median to speak of. */
export type Center = 'median' | 'mean';

/** The row with which batch number `batch` of `count` begins. */
export function batchStart(rows: number, batch: number, count: number): number {
  return Math.floor((rows * batch) / count);
}

/** Batches of one series; null where one of them holds fewer than `VALUES_MIN` values. NaN stands for no value. */
export function batchesOf(rows: Rows, values: Float64Array, count: number, center: Center): Batches | null {
  const total = values.length;
  const batches: Batches = {
    times: new Float64Array(count),
    values: new Float64Array(count),
    length: total / count,
  };
  const scratch = new Float64Array(Math.ceil(total / count) + 1);
  for (let batch = 0; batch < count; batch++) {
    const start = batchStart(total, batch, count);
    const end = batchStart(total, batch + 1, count);
    let known = 0;
    let sum = 0;
    let timeSum = 0;
    for (let row = start; row < end; row++) {
      const value = values[row]!;
      timeSum += rows.times[row]!;
      if (Number.isNaN(value)) continue;
      scratch[known++] = value;
      sum += value;
    }
    if (known < VALUES_MIN) return null;
    batches.times[batch] = timeSum / (end - start);
    batches.values[batch] = center === 'mean' ? sum / known : medianInPlace(scratch, known);
  }
  return batches;
}

/** Below this many values a batch's median is a single value. */
const VALUES_MIN = 2;
