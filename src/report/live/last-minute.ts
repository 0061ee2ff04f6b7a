import { addCounters, newCounters, type Counters } from '../../measure/counters.ts';
import type { CompactCounts } from '../../measure/compact-counts.ts';
import { LatencyHistogram, type HistogramSummary } from '../../measure/latency-histogram.ts';
import type { IntervalHealth } from '../../store/health-summary.ts';

/** What one interval leaves behind for a minute. */
export interface RecentInterval {
  startUs: number;
  endUs: number;
  counters: Counters;
  /** Its response times; null where no reply came. */
  response: CompactCounts | null;
  health: IntervalHealth | null;
}

/** Intervals of the last minute: one a second, and the shorter ones where the warm-up or the plan ends. */
const RECENT_INTERVALS_MAX = 64;
const MINUTE_US = 60_000_000;

/** The last minute of a run: some ten kilobytes an interval, whatever the rate and however long the run. */
export class LastMinute {
  #intervals: RecentInterval[] = [];
  readonly #response = new LatencyHistogram();

  add(interval: RecentInterval): void {
    this.#intervals.push(interval);
    const fromUs = interval.endUs - MINUTE_US;
    this.#intervals = this.#intervals
      .slice(-RECENT_INTERVALS_MAX)
      .filter(({ startUs }) => startUs >= fromUs - ROUNDING_US);
  }

  /** Time that it covers: a minute, or less where the run has not lasted so long. */
  get seconds(): number {
    return this.#intervals.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs), 0) / 1e6;
  }

  /** What was counted in it. */
  get counters(): Counters {
    const counters = newCounters();
    for (const interval of this.#intervals) addCounters(counters, interval.counters);
    return counters;
  }

  /** Its response times, in microseconds, added up anew at each call. */
  response(): HistogramSummary {
    this.#response.clear();
    for (const { response } of this.#intervals) if (response !== null) this.#response.addCompact(response);
    return this.#response.summary();
  }

  /** What was said of the generator in it; outside of the measured time nothing is. */
  get health(): IntervalHealth[] {
    return this.#intervals.flatMap(({ health }) => (health === null ? [] : [health]));
  }
}

/** Intervals end when a loop comes round to it, some microseconds late. */
const ROUNDING_US = 100_000;
