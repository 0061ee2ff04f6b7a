import type { HistogramDelta } from './histogram-delta.ts';
import type { HistogramState } from './histogram-state.ts';
import { LatencyHistogram, type HistogramSummary } from './latency-histogram.ts';
import { METRICS, type Metric } from './metric.ts';

/** The deltas of one interval of one shard; a metric without values has no entry. */
export type HistogramDeltas = Partial<Record<Metric, HistogramDelta>>;

/** A histogram a metric: of an interval, or of a whole run. Made at the first value, for their size. */
export class HistogramSet {
  readonly #byMetric = new Map<Metric, LatencyHistogram>();

  /** Adds what one shard recorded in one interval. */
  add(deltas: HistogramDeltas): void {
    for (const metric of METRICS) {
      const delta = deltas[metric];
      if (delta !== undefined) this.#ofMetric(metric).add(delta);
    }
  }

  merge(other: HistogramSet): void {
    for (const [metric, histogram] of other.recorded()) this.#ofMetric(metric).merge(histogram);
  }

  /** Forgets every value and keeps the memory for the next interval. */
  clear(): void {
    for (const histogram of this.#byMetric.values()) histogram.clear();
  }

  /** Undefined when nothing was ever recorded under `metric`. */
  get(metric: Metric): LatencyHistogram | undefined {
    return this.#byMetric.get(metric);
  }

  /** The metrics that have values, in their fixed order. */
  recorded(): [Metric, LatencyHistogram][] {
    return METRICS.flatMap((metric): [Metric, LatencyHistogram][] => {
      const histogram = this.#byMetric.get(metric);
      return histogram === undefined || histogram.count === 0 ? [] : [[metric, histogram]];
    });
  }

  /** Every metric, those without values included. */
  summaries(): Record<Metric, HistogramSummary> {
    const empty = new LatencyHistogram().summary();
    return Object.fromEntries(
      METRICS.map((metric) => [metric, this.#byMetric.get(metric)?.summary() ?? empty]),
    ) as Record<Metric, HistogramSummary>;
  }

  /** All it holds, for a reader that goes on with it; metrics without values are left out. */
  states(): Partial<Record<Metric, HistogramState>> {
    return Object.fromEntries(this.recorded().map(([metric, histogram]) => [metric, histogram.state()]));
  }

  /** Adds what `states` of another set gave. */
  addStates(states: Partial<Record<Metric, HistogramState>>): void {
    for (const metric of METRICS) {
      const state = states[metric];
      if (state !== undefined) this.#ofMetric(metric).addState(state);
    }
  }

  /** Adds one metric's histogram as the log has it. */
  addEncoded(metric: Metric, text: string): void {
    this.#ofMetric(metric).addEncoded(text);
  }

  #ofMetric(metric: Metric): LatencyHistogram {
    const known = this.#byMetric.get(metric);
    if (known !== undefined) return known;
    const histogram = new LatencyHistogram();
    this.#byMetric.set(metric, histogram);
    return histogram;
  }
}
