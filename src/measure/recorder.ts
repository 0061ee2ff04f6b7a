import type { Float64Histogram } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import type { HistogramDelta } from './histogram-delta.ts';
import { RECORDED_US_MAX, countsOf, newMicrosecondCounts } from './microsecond-counts.ts';

/**
 * One metric of one shard: takes times and gives up what it has once an interval.
 *
 * The library takes NaN, infinities and values beyond its range without complaint and answers nonsense for every
 * percentile afterwards, so the door is guarded here. Recording and taking happen on one thread, so `take` copies
 * and clears the used index range in place; a second histogram to swap with would cost memory and save nothing.
 */
export class Recorder {
  /** Made at the first record: most metrics of most runs never see one. */
  #histogram: Float64Histogram | null = null;
  #count = 0;
  #sumUs = 0;
  #minUs = Infinity;
  #maxUs = 0;

  /** Records a time, rounded to whole microseconds; a negative one counts as 0, one beyond an hour as an hour. */
  record(us: number): void {
    assert(!Number.isNaN(us), 'a recorded time is a number');
    const value = Math.min(Math.max(Math.round(us), 0), RECORDED_US_MAX);
    this.#histogram ??= newMicrosecondCounts();
    this.#histogram.recordValue(value);
    this.#count += 1;
    this.#sumUs += value;
    if (value < this.#minUs) this.#minUs = value;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  /** What was recorded since the last take, null when nothing was. Cost: one copy of the index range in use. */
  take(): HistogramDelta | null {
    if (this.#histogram === null || this.#count === 0) return null;
    const counts = countsOf(this.#histogram);
    const firstIndex = this.#histogram.countsArrayIndex(this.#minUs);
    const endIndex = this.#histogram.countsArrayIndex(this.#maxUs) + 1;
    const delta: HistogramDelta = {
      firstIndex,
      counts: counts.slice(firstIndex, endIndex),
      count: this.#count,
      sumUs: this.#sumUs,
      minUs: this.#minUs,
      maxUs: this.#maxUs,
    };
    counts.fill(0, firstIndex, endIndex);
    this.#clearTotals();
    return delta;
  }

  #clearTotals(): void {
    this.#count = 0;
    this.#sumUs = 0;
    this.#minUs = Infinity;
    this.#maxUs = 0;
  }
}
