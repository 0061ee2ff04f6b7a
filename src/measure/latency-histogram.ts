import type { Float64Histogram } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import { newCompactCounts, reserveCompact, type CompactCounts } from './compact-counts.ts';
import type { HistogramDelta } from './histogram-delta.ts';
import type { HistogramState } from './histogram-state.ts';
import { decodeHistogram, encodeCounts, readCounts } from './histogram-text.ts';
import { countsOf, newMicrosecondCounts } from './microsecond-counts.ts';
import { middleOfIndexUs, rangeOfIndexUs } from './time-index.ts';

/** A histogram in ten numbers. Times in microseconds, all null when nothing was recorded: no zero passes for a time. */
export interface HistogramSummary {
  count: number;
  min: number | null;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  p9999: number | null;
  max: number | null;
}

/**
 * The times of one metric over any number of shards and intervals. Merging adds counts index by index and loses
 * nothing, so percentiles come from merged counts only and never from other percentiles. Count, sum, min and max are
 * kept exactly beside the counts, and percentiles are clamped to them.
 *
 * A decoded histogram knows only what the text holds: counts. Its min and max are the bounds of their bucket, and its
 * mean is that of the buckets' middles, as the Java and C readers have it. One that another tool wrote may be in
 * another unit than microseconds, and is read to three digits whatever it was written with, as those readers do.
 */
export class LatencyHistogram {
  readonly #histogram: Float64Histogram = newMicrosecondCounts();
  #count = 0;
  #sumUs = 0;
  #minUs = Infinity;
  #maxUs = 0;
  /** What `compact` gave since the last change: an interval is encoded and merged into several others. */
  readonly #compacted: CompactCounts = newCompactCounts();
  #isCompacted: boolean = false;

  /**
   * Reads what `encode` or another HdrHistogram tool wrote.
   * @throws {Error} when the text is cut short, damaged or not a V2 histogram
   */
  static decode(text: string): LatencyHistogram {
    const decoded = new LatencyHistogram();
    const totals = decoded.#addCounts(text);
    if (totals !== null) {
      decoded.#addTotals(totals);
      return decoded;
    }
    const foreign = decodeHistogram(text);
    decoded.#histogram.autoResize = true;
    countsOf(foreign).forEach((count, index) => {
      if (count > 0) decoded.#histogram.recordValueWithCount(foreign.valueFromIndex(index), count);
    });
    decoded.#deriveTotals();
    return decoded;
  }

  /** Adds what a shard recorded in one interval. */
  add(delta: HistogramDelta): void {
    const { firstIndex, counts } = delta;
    const own = countsOf(this.#histogram);
    assert(firstIndex + counts.length <= own.length, 'a delta fits into the histogram');
    for (let i = 0; i < counts.length; i++) own[firstIndex + i]! += counts[i]!;
    this.#addTotals(delta);
  }

  merge(other: LatencyHistogram): void {
    const compact = other.compact();
    if (compact === null) return;
    if (countsOf(other.#histogram).length > countsOf(this.#histogram).length) {
      this.#histogram.resize(other.#histogram.highestTrackableValue);
    }
    this.addCompact(compact);
  }

  /**
   * Its values in the least memory; null when nothing was recorded. Valid until the histogram changes: who needs them
   * for longer copies them.
   */
  compact(): CompactCounts | null {
    if (this.#count === 0) return null;
    if (!this.#isCompacted) this.#compact();
    return this.#compacted;
  }

  /** Adds what `compact` of another histogram gave. */
  addCompact(compact: CompactCounts): void {
    const { indices, counts, length } = compact;
    const own = countsOf(this.#histogram);
    assert((indices[length - 1] ?? 0) < own.length, 'compact counts fit into the histogram');
    for (let i = 0; i < length; i++) own[indices[i]!]! += counts[i]!;
    this.#addTotals(compact);
  }

  /**
   * Takes away what `addCompact` had added.
   * @param rest the shortest and the longest time that are left; not looked at where none are
   */
  removeCompact(compact: CompactCounts, rest: { minUs: number; maxUs: number }): void {
    const { indices, counts, length } = compact;
    const own = countsOf(this.#histogram);
    for (let i = 0; i < length; i++) own[indices[i]!]! -= counts[i]!;
    this.#count -= compact.count;
    this.#sumUs -= compact.sumUs;
    this.#minUs = this.#count === 0 ? Infinity : rest.minUs;
    this.#maxUs = this.#count === 0 ? 0 : rest.maxUs;
    this.#tellTotals();
  }

  /**
   * Adds a histogram as `encode` or another tool wrote it.
   * @throws {Error} when the text is damaged
   */
  addEncoded(text: string): void {
    const totals = this.#addCounts(text);
    if (totals === null) this.merge(LatencyHistogram.decode(text));
    else this.#addTotals(totals);
  }

  clear(): void {
    if (this.#count === 0) return;
    const first = this.#histogram.countsArrayIndex(this.#minUs);
    countsOf(this.#histogram).fill(0, first, this.#histogram.countsArrayIndex(this.#maxUs) + 1);
    this.#count = 0;
    this.#sumUs = 0;
    this.#minUs = Infinity;
    this.#maxUs = 0;
    this.#tellTotals();
  }

  get count(): number {
    return this.#count;
  }

  /** Null when nothing was recorded, as are the two below. */
  get minUs(): number | null {
    return this.#count === 0 ? null : this.#minUs;
  }

  get maxUs(): number | null {
    return this.#count === 0 ? null : this.#maxUs;
  }

  get meanUs(): number | null {
    return this.#count === 0 ? null : this.#sumUs / this.#count;
  }

  /**
   * The time that `percentile` percent of the values do not exceed, to three digits, never outside min and max; null
   * when nothing was recorded.
   * @param percentile from 0 to 100, for example 99.9
   */
  percentileUs(percentile: number): number | null {
    assert(percentile >= 0 && percentile <= 100, `a percentile lies in 0..100: ${percentile}`);
    return this.#percentilesUs([percentile])[0] ?? null;
  }

  /** How many values share a histogram index with `us`. */
  countAt(us: number): number {
    return countsOf(this.#histogram)[this.#histogram.countsArrayIndex(us)] ?? 0;
  }

  /** How many values are longer than `us`, to three digits. */
  countAbove(us: number): number {
    const counts = countsOf(this.#histogram);
    const end = this.#count === 0 ? 0 : this.#histogram.countsArrayIndex(this.#maxUs) + 1;
    let above = 0;
    for (let i = this.#histogram.countsArrayIndex(Math.max(0, us)) + 1; i < end; i++) above += counts[i] ?? 0;
    return above;
  }

  summary(): HistogramSummary {
    const [p50 = null, p90 = null, p99 = null, p999 = null, p9999 = null] =
      this.#percentilesUs(SUMMARY_PERCENTILES);
    return {
      count: this.#count,
      min: this.minUs,
      mean: this.meanUs,
      p50,
      p90,
      p99,
      p999,
      p9999,
      max: this.maxUs,
    };
  }

  /** Base64 of the compressed V2 encoding: the last field of an .hlog line. */
  encode(): string {
    return encodeCounts(this.compact() ?? NO_COUNTS, this.#histogram.highestTrackableValue);
  }

  /** All it holds; null when nothing was recorded. */
  state(): HistogramState | null {
    if (this.#count === 0) return null;
    return { counts: this.encode(), sumUs: this.#sumUs, minUs: this.#minUs, maxUs: this.#maxUs };
  }

  /**
   * Adds what `state` of another histogram gave.
   * @throws {Error} when its counts are damaged
   */
  addState({ counts, sumUs, minUs, maxUs }: HistogramState): void {
    const totals = this.#addCounts(counts);
    if (totals === null) this.merge(LatencyHistogram.decode(counts));
    else this.#addTotals({ count: totals.count, sumUs, minUs, maxUs });
  }

  /**
   * Of ascending percentiles, in one pass over the values; none when nothing was recorded. A percentile is the longest
   * time of the first index with which at least that share of the values has been seen.
   */
  #percentilesUs(percentiles: readonly number[]): number[] {
    const found: number[] = [];
    if (this.#count === 0) return found;
    const own = countsOf(this.#histogram);
    let index = this.#histogram.countsArrayIndex(this.#minUs);
    let seen = own[index]!;
    for (const percentile of percentiles) {
      // 0.29 * 100 is 28.999999999999996 or so: such an excess over a whole number must not ask for one value more.
      const wanted = Math.ceil((percentile / 100) * this.#count * (1 - Number.EPSILON));
      while (seen < wanted && index < own.length - 1) seen += own[++index]!;
      const { highest } = rangeOfIndexUs(index);
      found.push(Math.min(Math.max(highest, this.#minUs), this.#maxUs));
    }
    return found;
  }

  #compact(): void {
    const own = countsOf(this.#histogram);
    const first = this.#histogram.countsArrayIndex(this.#minUs);
    const end = this.#histogram.countsArrayIndex(this.#maxUs) + 1;
    let length = 0;
    for (let i = first; i < end; i++) if (own[i] !== 0) length++;
    const compact = this.#compacted;
    reserveCompact(compact, length);
    const { indices, counts } = compact;
    for (let i = first, at = 0; i < end; i++) {
      const count = own[i]!;
      if (count === 0) continue;
      indices[at] = i;
      counts[at++] = count;
    }
    compact.length = length;
    compact.count = this.#count;
    compact.sumUs = this.#sumUs;
    compact.minUs = this.#minUs;
    compact.maxUs = this.#maxUs;
    this.#isCompacted = true;
  }

  /**
   * Adds the counts of a text without anything in between: a long run that widens its past reads hundreds a second.
   * @returns what they come to, min and max as the bounds of their indices; null where the text has another layout
   */
  #addCounts(text: string): Totals | null {
    const own = countsOf(this.#histogram);
    const totals: Totals = { count: 0, sumUs: 0, minUs: Infinity, maxUs: 0 };
    let last = -1;
    const isOwn = readCounts(text, (index, count) => {
      own[index]! += count;
      totals.count += count;
      totals.sumUs += count * middleOfIndexUs(index);
      if (last < 0) totals.minUs = rangeOfIndexUs(index).lowest;
      last = index;
    });
    if (last >= 0) totals.maxUs = rangeOfIndexUs(last).highest;
    return isOwn ? totals : null;
  }

  #addTotals(from: Totals): void {
    this.#count += from.count;
    this.#sumUs += from.sumUs;
    this.#minUs = Math.min(this.#minUs, from.minUs);
    this.#maxUs = Math.max(this.#maxUs, from.maxUs);
    this.#tellTotals();
  }

  /** The library needs its total for percentiles, and its max to know how far to encode. */
  #tellTotals(): void {
    this.#isCompacted = false;
    this.#histogram.setTotalCount(this.#count);
    this.#histogram.maxValue = this.#maxUs;
  }

  #deriveTotals(): void {
    const histogram = this.#histogram;
    countsOf(histogram).forEach((count, index) => {
      if (count === 0) return;
      const lowest = histogram.valueFromIndex(index);
      this.#count += count;
      this.#sumUs += count * histogram.medianEquivalentValue(lowest);
      if (this.#minUs === Infinity) this.#minUs = lowest;
      this.#maxUs = histogram.highestEquivalentValue(lowest);
    });
    this.#tellTotals();
  }
}

type Totals = Pick<HistogramDelta, 'count' | 'sumUs' | 'minUs' | 'maxUs'>;

const SUMMARY_PERCENTILES: readonly number[] = [50, 90, 99, 99.9, 99.99];
const NO_COUNTS: CompactCounts = newCompactCounts();
