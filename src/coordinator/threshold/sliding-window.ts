import type { CompactCounts } from '../../measure/compact-counts.ts';
import { addCounters, newCounters, type Counters } from '../../measure/counters.ts';
import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalFigures, ObservedFigures } from './observed-figures.ts';

/**
 * The figures of the last intervals that together are as long as a window. Intervals are kept in compact form and
 * added up anew whenever the window is read, so that percentiles come from merged counts, minima and maxima are exact,
 * and memory is bounded by the window's length. An interval that the plan cut short (at the end of the warm-up) makes
 * a window longer by less than one interval, never shorter.
 */
export class SlidingWindow {
  readonly #windowUs: number;
  readonly #merged: ReadonlyMap<Metric, LatencyHistogram>;
  readonly #intervals: KeptInterval[] = [];
  #lengthUs: number = 0;

  constructor(windowUs: number, metrics: Iterable<Metric>) {
    this.#windowUs = windowUs;
    this.#merged = new Map(Array.from(metrics, (metric) => [metric, new LatencyHistogram()]));
  }

  add(interval: IntervalFigures): void {
    const lengthUs = interval.endUs - interval.startUs;
    this.#intervals.push({
      lengthUs,
      counters: interval.counters.slice(),
      times: this.#compactTimes(interval),
      openMax: interval.openMax,
      openAtEnd: interval.openAtEnd,
    });
    this.#lengthUs += lengthUs;
    for (;;) {
      const [oldest] = this.#intervals;
      if (oldest === undefined || this.#lengthUs - oldest.lengthUs < this.#windowUs) return;
      this.#lengthUs -= oldest.lengthUs;
      this.#intervals.shift();
    }
  }

  /** Whether intervals have come for the whole of the window's length. */
  get isFull(): boolean {
    return this.#lengthUs >= this.#windowUs;
  }

  /** Valid until the next interval is added. */
  observed(): ObservedFigures {
    const counters = newCounters();
    for (const histogram of this.#merged.values()) histogram.clear();
    for (const interval of this.#intervals) {
      addCounters(counters, interval.counters);
      for (const [metric, times] of interval.times) this.#merged.get(metric)?.addCompact(times);
    }
    return {
      counters,
      histogram: (metric) => this.#merged.get(metric),
      openMax: Math.max(0, ...this.#intervals.map(({ openMax }) => openMax)),
      openAtEnd: this.#intervals.at(-1)?.openAtEnd ?? 0,
      measured: { counters, seconds: this.#lengthUs / 1e6 },
      run: null,
    };
  }

  #compactTimes(interval: IntervalFigures): Map<Metric, CompactCounts> {
    const times = new Map<Metric, CompactCounts>();
    for (const metric of this.#merged.keys()) {
      const compact = interval.histogram(metric)?.compact() ?? null;
      if (compact !== null) times.set(metric, compact);
    }
    return times;
  }
}

interface KeptInterval {
  lengthUs: number;
  counters: Counters;
  times: Map<Metric, CompactCounts>;
  openMax: number;
  openAtEnd: number;
}
