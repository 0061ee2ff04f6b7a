import { addCounters, newCounters, type Counters } from '../../measure/counters.ts';
import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalFigures, ObservedFigures, RunFacts } from './observed-figures.ts';

/**
 * The figures of a run from its first interval on, of the metrics that thresholds ask for. An invalid interval adds its
 * counts, since what happened in it did happen, but neither its times nor its throughput, which say nothing.
 */
export class RunFigures {
  readonly #counters: Counters = newCounters();
  readonly #measured: Counters = newCounters();
  #measuredUs: number = 0;
  #openMax: number = 0;
  #openAtEnd: number = 0;
  readonly #histograms: ReadonlyMap<Metric, LatencyHistogram>;

  constructor(metrics: Iterable<Metric>) {
    this.#histograms = new Map(Array.from(metrics, (metric) => [metric, new LatencyHistogram()]));
  }

  add(interval: IntervalFigures): void {
    this.addCounters(interval.counters);
    this.#openMax = Math.max(this.#openMax, interval.openMax);
    this.#openAtEnd = interval.openAtEnd;
    if (!interval.valid) return;
    for (const [metric, histogram] of this.#histograms) {
      const added = interval.histogram(metric);
      if (added !== undefined) histogram.merge(added);
    }
    if (interval.phase !== 'measure') return;
    addCounters(this.#measured, interval.counters);
    this.#measuredUs += interval.endUs - interval.startUs;
  }

  /** Adds what was counted outside of any interval. */
  addCounters(counters: Counters): void {
    addCounters(this.#counters, counters);
  }

  /** @param run what the end of the run tells; null before it */
  observed(run: RunFacts | null): ObservedFigures {
    return {
      counters: this.#counters,
      histogram: (metric) => this.#histograms.get(metric),
      openMax: this.#openMax,
      openAtEnd: this.#openAtEnd,
      measured: { counters: this.#measured, seconds: this.#measuredUs / 1e6 },
      run,
    };
  }
}
