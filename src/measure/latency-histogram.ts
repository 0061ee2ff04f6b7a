import type { Float64Histogram } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import type { CompactCounts } from './compact-counts.ts';
import type { HistogramDelta } from './histogram-delta.ts';
import type { HistogramState } from './histogram-state.ts';
import { decodeCounts, decodeHistogram, encodeCounts } from './histogram-text.ts';
import { countsOf, newMicrosecondCounts } from './microsecond-counts.ts';

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

  /**
   * Reads what `encode` or another HdrHistogram tool wrote.
   * @throws {Error} when the text is cut short, damaged or not a V2 histogram
   */
  static decode(text: string): LatencyHistogram {
    const decoded = new LatencyHistogram();
    const own = decodeCounts(text);
    if (own !== null) {
      if (own.count > 0) decoded.addCompact(own);
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
    if (other.#count === 0) return;
    const from = countsOf(other.#histogram);
    if (from.length > countsOf(this.#histogram).length) {
      this.#histogram.resize(other.#histogram.highestTrackableValue);
    }
    const own = countsOf(this.#histogram);
    const end = other.#histogram.countsArrayIndex(other.#maxUs) + 1;
    for (let i = other.#histogram.countsArrayIndex(other.#minUs); i < end; i++) own[i]! += from[i]!;
    this.#addTotals({ count: other.#count, sumUs: other.#sumUs, minUs: other.#minUs, maxUs: other.#maxUs });
  }

  /** Its values in the least memory; null when nothing was recorded. */
  compact(): CompactCounts | null {
    if (this.#count === 0) return null;
    const own = countsOf(this.#histogram);
    const first = this.#histogram.countsArrayIndex(this.#minUs);
    const end = this.#histogram.countsArrayIndex(this.#maxUs) + 1;
    const indices: number[] = [];
    for (let i = first; i < end; i++) if (own[i] !== 0) indices.push(i);
    return {
      indices: Uint32Array.from(indices),
      counts: Float64Array.from(indices, (index) => own[index] ?? 0),
      count: this.#count,
      sumUs: this.#sumUs,
      minUs: this.#minUs,
      maxUs: this.#maxUs,
    };
  }

  /** Adds what `compact` of another histogram gave. */
  addCompact(compact: CompactCounts): void {
    const { indices, counts } = compact;
    const own = countsOf(this.#histogram);
    assert((indices.at(-1) ?? 0) < own.length, 'compact counts fit into the histogram');
    for (let i = 0; i < indices.length; i++) own[indices[i]!]! += counts[i]!;
    this.#addTotals(compact);
  }

  /**
   * Adds a histogram as `encode` or another tool wrote it.
   * @throws {Error} when the text is damaged
   */
  addEncoded(text: string): void {
    const counts = decodeCounts(text);
    if (counts === null) this.merge(LatencyHistogram.decode(text));
    else if (counts.count > 0) this.addCompact(counts);
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
    if (this.#count === 0) return null;
    const value = this.#histogram.getValueAtPercentile(percentile);
    return Math.min(Math.max(value, this.#minUs), this.#maxUs);
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
    return {
      count: this.#count,
      min: this.minUs,
      mean: this.meanUs,
      p50: this.percentileUs(50),
      p90: this.percentileUs(90),
      p99: this.percentileUs(99),
      p999: this.percentileUs(99.9),
      p9999: this.percentileUs(99.99),
      max: this.maxUs,
    };
  }

  /** Base64 of the compressed V2 encoding: the last field of an .hlog line. */
  encode(): string {
    const end = this.#histogram.countsArrayIndex(this.#maxUs) + 1;
    return encodeCounts(countsOf(this.#histogram), end, this.#histogram.highestTrackableValue);
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
    const compact = decodeCounts(counts);
    if (compact === null) this.merge(LatencyHistogram.decode(counts));
    else this.addCompact({ ...compact, sumUs, minUs, maxUs });
  }

  #addTotals(from: Pick<HistogramDelta, 'count' | 'sumUs' | 'minUs' | 'maxUs'>): void {
    this.#count += from.count;
    this.#sumUs += from.sumUs;
    this.#minUs = Math.min(this.#minUs, from.minUs);
    this.#maxUs = Math.max(this.#maxUs, from.maxUs);
    this.#tellTotals();
  }

  /** The library needs its total for percentiles, and its max to know how far to encode. */
  #tellTotals(): void {
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
