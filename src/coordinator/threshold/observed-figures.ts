import type { Counters } from '../../measure/counters.ts';
import type { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalPhase } from '../../schedule/interval-schedule.ts';

/** What thresholds are held against: the figures of one cohort, or of all together, over some stretch of a run. */
export interface ObservedFigures {
  counters: Counters;
  /** Undefined where nothing was ever recorded. */
  histogram: (metric: Metric) => LatencyHistogram | undefined;
  /** The most connections open at one time, and those open at the end. */
  openMax: number;
  openAtEnd: number;
  /** What throughput is made of: the counts of the measured time alone, and its length. */
  measured: { counters: Counters; seconds: number };
  /** What is known of the whole run alone; null elsewhere. */
  run: RunFacts | null;
}

/** What only the end of a run tells. Null: not observed. */
export interface RunFacts {
  /** Dials whose SYN was sent again. */
  stalledDials: number | null;
  healthScore: number | null;
}

/** One interval of one cohort, or of all together. */
export interface IntervalFigures {
  startUs: number;
  endUs: number;
  phase: IntervalPhase;
  /** False where the generator's own trouble made its times and rates worthless. */
  valid: boolean;
  /** What was counted in it; the gauge `openNow` is left to `openAtEnd`. */
  counters: Counters;
  /** Valid until the next interval. */
  histogram: (metric: Metric) => LatencyHistogram | undefined;
  openMax: number;
  openAtEnd: number;
}
