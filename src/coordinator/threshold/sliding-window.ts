import { copyCompact, newCompactCounts, type CompactCounts } from '../../measure/compact-counts.ts';
import { addCounters, newCounters, type Counters } from '../../measure/counters.ts';
import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalFigures, ObservedFigures } from './observed-figures.ts';

/**
 * The figures of the last intervals that together are as long as a window. Intervals are kept in compact form, added
 * when they come and taken away when they have passed, so that percentiles come from merged counts, minima and maxima
 * are exact, and memory is bounded by the window's length. Counts and sums are whole numbers, so nothing builds up. An interval that the plan cut short (at the end of the warm-up) makes
 * a window longer by less than one interval, never shorter.
 */
export class SlidingWindow {
  readonly #windowUs: number;
  readonly #merged: ReadonlyMap<Metric, LatencyHistogram>;
  readonly #counters: Counters = newCounters();
  readonly #intervals: KeptInterval[] = [];
  readonly #spare: KeptInterval[] = [];
  #lengthUs: number = 0;

  constructor(windowUs: number, metrics: Iterable<Metric>) {
    this.#windowUs = windowUs;
    this.#merged = new Map(Array.from(metrics, (metric) => [metric, new LatencyHistogram()]));
  }

  add(interval: IntervalFigures): void {
    const kept = this.#keep(interval);
    this.#intervals.push(kept);
    addCounters(this.#counters, kept.counters);
    for (const [metric, times] of kept.times) {
      if (times.count > 0) this.#merged.get(metric)?.addCompact(times);
    }
    this.#lengthUs += kept.lengthUs;
    for (;;) {
      const [oldest] = this.#intervals;
      if (oldest === undefined || this.#lengthUs - oldest.lengthUs < this.#windowUs) return;
      this.#lengthUs -= oldest.lengthUs;
      this.#intervals.shift();
      this.#takeAway(oldest);
      this.#spare.push(oldest);
    }
  }

  /** Whether intervals have come for the whole of the window's length. */
  get isFull(): boolean {
    return this.#lengthUs >= this.#windowUs;
  }

  /** Valid until the next interval is added. */
  observed(): ObservedFigures {
    const counters = this.#counters;
    return {
      counters,
      histogram: (metric) => this.#merged.get(metric),
      openMax: Math.max(0, ...this.#intervals.map(({ openMax }) => openMax)),
      openAtEnd: this.#intervals.at(-1)?.openAtEnd ?? 0,
      measured: { counters, seconds: this.#lengthUs / 1e6 },
      run: null,
    };
  }

  #takeAway({ counters, times }: KeptInterval): void {
    for (let i = 0; i < counters.length; i++) this.#counters[i]! -= counters[i]!;
    for (const [metric, compact] of times) {
      if (compact.count === 0) continue;
      const rest = { minUs: Infinity, maxUs: 0 };
      for (const kept of this.#intervals) {
        const { minUs = Infinity, maxUs = 0 } = kept.times.get(metric) ?? {};
        rest.minUs = Math.min(rest.minUs, minUs);
        rest.maxUs = Math.max(rest.maxUs, maxUs);
      }
      this.#merged.get(metric)?.removeCompact(compact, rest);
    }
  }

  /** Copies what a window needs of an interval, into the memory of one that has passed. */
  #keep(interval: IntervalFigures): KeptInterval {
    const kept = this.#spare.pop() ?? newKept(this.#merged.keys());
    kept.lengthUs = interval.endUs - interval.startUs;
    kept.counters.set(interval.counters);
    for (const [metric, times] of kept.times) {
      copyCompact(interval.histogram(metric)?.compact() ?? null, times);
    }
    kept.openMax = interval.openMax;
    kept.openAtEnd = interval.openAtEnd;
    return kept;
  }
}

function newKept(metrics: Iterable<Metric>): KeptInterval {
  const times = new Map(Array.from(metrics, (metric) => [metric, newCompactCounts()]));
  return { lengthUs: 0, counters: newCounters(), times, openMax: 0, openAtEnd: 0 };
}

interface KeptInterval {
  lengthUs: number;
  counters: Counters;
  times: Map<Metric, CompactCounts>;
  openMax: number;
  openAtEnd: number;
}
