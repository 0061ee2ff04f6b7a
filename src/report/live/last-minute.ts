import { addCounters, newCounters, type Counters } from '../../measure/counters.ts';
import { copyCompact, newCompactCounts, type CompactCounts } from '../../measure/compact-counts.ts';
import { LatencyHistogram, type HistogramSummary } from '../../measure/latency-histogram.ts';
import type { IntervalHealth } from '../../store/health-summary.ts';

/** What one interval leaves behind for a minute. */
export interface RecentInterval {
  startUs: number;
  endUs: number;
  counters: Counters;
  /** Its response times; null where no reply came. */
  response: CompactCounts | null;
  health: RecentHealth | null;
}

/** What was said of the generator in an interval, without the values of its signals: most of its memory. */
export type RecentHealth = Pick<IntervalHealth, 'level' | 'warned' | 'invalid'>;

/** Intervals of the last minute: one a second, and the shorter ones where the warm-up or the plan ends. */
const RECENT_INTERVALS_MAX = 64;
const MINUTE_US = 60_000_000;

/** The last minute of a run: some ten kilobytes an interval, whatever the rate and however long the run. */
export class LastMinute {
  readonly #intervals: KeptInterval[] = [];
  readonly #spare: KeptInterval[] = [];
  readonly #response = new LatencyHistogram();

  /** Copies what it needs of an interval, into the memory of one that has passed. */
  add(interval: RecentInterval): void {
    const kept = this.#spare.pop() ?? newKept();
    const { startUs, endUs, health } = interval;
    Object.assign(kept, { startUs, endUs });
    kept.health =
      health === null ? null : { level: health.level, warned: health.warned, invalid: health.invalid };
    kept.counters.set(interval.counters);
    copyCompact(interval.response, kept.response);
    this.#intervals.push(kept);
    for (;;) {
      const [oldest] = this.#intervals;
      const isRecent = oldest === undefined || oldest.startUs >= endUs - MINUTE_US - ROUNDING_US;
      if (isRecent && this.#intervals.length <= RECENT_INTERVALS_MAX) return;
      this.#intervals.shift();
      if (oldest !== undefined) this.#spare.push(oldest);
    }
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
    for (const { response } of this.#intervals) {
      if (response.count > 0) this.#response.addCompact(response);
    }
    return this.#response.summary();
  }

  /** What was said of the generator in it; outside of the measured time nothing is. */
  get health(): RecentHealth[] {
    return this.#intervals.flatMap(({ health }) => (health === null ? [] : [health]));
  }
}

type KeptInterval = RecentInterval & { response: CompactCounts };

function newKept(): KeptInterval {
  return { startUs: 0, endUs: 0, counters: newCounters(), response: newCompactCounts(), health: null };
}

/** Intervals end when a loop comes round to it, some microseconds late. */
const ROUNDING_US = 100_000;
