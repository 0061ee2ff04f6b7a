import { assert } from '../base/assert.ts';
import type { HistogramDelta } from './histogram-delta.ts';
import { INDEX_COUNT, RECORDED_US_MAX, indexOfUs } from './time-index.ts';

/** As many values as a 32-bit count holds; an interval of a second has not a thousandth of them. */
const VALUES_PER_TAKE_MAX = 2 ** 32 - 1;

/**
 * One metric of one shard: takes times and gives up what it has once an interval.
 *
 * It keeps bare counts in the layout of the coordinator's histograms (time-index.ts), because the loop pays
 * for every record and every take: 32-bit counts of one interval are half as much to copy, and the page faults of the
 * copy are what a take costs. Recording and taking happen on one thread, so `take` copies and clears the used index
 * range in place; a second array to swap with would cost memory and save nothing.
 *
 * NaN, infinities and values beyond the range would poison every percentile afterwards: the door is guarded here.
 */
export class Recorder {
  /**
   * Made at once, 90 kB though most metrics of most runs never see a time: V8 compiles the loop in the warm-up, and would
   * give that up again for each recorder whose first time came later.
   */
  readonly #counts: Uint32Array = new Uint32Array(INDEX_COUNT);
  #count = 0;
  #sumUs = 0;
  #minUs = Infinity;
  #maxUs = 0;

  /**
   * Records a time, rounded to whole microseconds; a negative one counts as 0, one beyond an hour as an hour. Where it is
   * done every frame the caller rounds: V8 passes small whole numbers as they are, and makes an object of any other.
   */
  record(us: number): void {
    assert(!Number.isNaN(us), 'a recorded time is a number');
    const value = Math.min(Math.max(Math.round(us), 0), RECORDED_US_MAX);
    this.#counts[indexOfUs(value)]! += 1;
    this.#count += 1;
    this.#sumUs += value;
    if (value < this.#minUs) this.#minUs = value;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  /** What was recorded since the last take, null when nothing was. Cost: one copy of the index range in use. */
  take(): HistogramDelta | null {
    if (this.#count === 0) return null;
    assert(this.#count <= VALUES_PER_TAKE_MAX, 'the counts of an interval fit into 32 bits');
    // Both are doubles by now: passed as such, they would have V8 give up the code of `indexOfUs` that knows whole numbers.
    const firstIndex = indexOfUs(this.#minUs >>> 0);
    const endIndex = indexOfUs(this.#maxUs >>> 0) + 1;
    const delta: HistogramDelta = {
      firstIndex,
      counts: this.#counts.slice(firstIndex, endIndex),
      count: this.#count,
      sumUs: this.#sumUs,
      minUs: this.#minUs,
      maxUs: this.#maxUs,
    };
    this.#counts.fill(0, firstIndex, endIndex);
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
