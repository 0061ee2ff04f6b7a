import { COUNTER, type CounterName, type Counters } from '../../measure/counters.ts';
import { LatencyHistogram, type HistogramSummary } from '../../measure/latency-histogram.ts';
import type { CohortInterval, MergedInterval } from '../../coordinator/interval-merger.ts';
import type { RunPhase } from '../../store/interval-line.ts';
import { DoublingSeries } from './doubling-series.ts';
import { countFailures, failuresIn, type FailureCount } from './failures.ts';
import { LastMinute, type RecentHealth } from './last-minute.ts';

/** How a run stands, for a page that is renewed. Times in microseconds unless a name says otherwise. */
export interface LiveStanding {
  elapsedSeconds: number;
  phase: RunPhase;
  whole: LiveFacts;
  /** In the order of the plan; none where the run has no named ones. */
  cohorts: NamedFacts[];
  /** The highest response p99 of an interval in each span, oldest first. */
  course: { p99Us: readonly (number | null)[]; secondsPerPoint: number };
  /** What was said of the generator in the last minute. */
  health: RecentHealth[];
}

/** A cohort's figures. */
export interface NamedFacts extends LiveFacts {
  name: string;
}

/** What all connections, or those of a cohort, did. */
export interface LiveFacts {
  live: number;
  opened: number;
  minute: LiveSpan;
  run: LiveSpan;
}

/** The figures of a stretch of time. */
export interface LiveSpan {
  seconds: number;
  framesPerSecond: number;
  dialsPerSecond: number;
  response: HistogramSummary;
  failures: FailureCount[];
  failureCount: number;
}

/** Points of the course: as many as fit on a narrow terminal beside a word. */
const COURSE_POINTS_MAX = 60;

/** Adds intervals up to how a run stands, in memory that does not grow with the run. */
export class LiveFigures {
  readonly #whole = new Scope();
  readonly #cohorts: readonly { name: string; scope: Scope }[];
  readonly #course = new DoublingSeries(COURSE_POINTS_MAX);
  #last: { elapsedSeconds: number; phase: RunPhase } = { elapsedSeconds: 0, phase: 'warmup' };
  #seconds: number = 0;
  #intervals: number = 0;

  /** @param cohorts names in the order of the plan. @default none */
  constructor(cohorts: readonly string[] = []) {
    this.#cohorts = cohorts.map((name) => ({ name, scope: new Scope() }));
  }

  add(interval: MergedInterval): void {
    this.#whole.add(interval, interval);
    this.#cohorts.forEach(({ scope }, index) => {
      const figures = interval.cohorts[index];
      if (figures !== undefined) scope.add(figures, interval);
    });
    this.#course.add(interval.histograms.get('response')?.percentileUs(99) ?? null);
    this.#last = { elapsedSeconds: (interval.endUs - (interval.gapsUs ?? 0)) / 1e6, phase: interval.phase };
    this.#seconds += (interval.endUs - interval.startUs) / 1e6;
    this.#intervals++;
  }

  standing(): LiveStanding {
    const secondsPerInterval = this.#intervals === 0 ? 0 : this.#seconds / this.#intervals;
    return {
      ...this.#last,
      whole: this.#whole.facts(),
      cohorts: this.#cohorts.map(({ name, scope }) => ({ name, ...scope.facts() })),
      course: {
        p99Us: this.#course.points,
        secondsPerPoint: this.#course.valuesPerPoint * secondsPerInterval,
      },
      health: this.#whole.health,
    };
  }
}

/** The last minute and the whole of some connections. */
class Scope {
  readonly #minute = new LastMinute();
  readonly #response = new LatencyHistogram();
  #totals: Counters | null = null;
  #seconds: number = 0;

  add({ counters, totals, histograms }: CohortInterval, { startUs, endUs, health }: MergedInterval): void {
    const response = histograms.get('response');
    if (response !== undefined) this.#response.merge(response);
    this.#minute.add({ startUs, endUs, counters, response: response?.compact() ?? null, health });
    this.#totals = totals;
    this.#seconds += (endUs - startUs) / 1e6;
  }

  get health(): RecentHealth[] {
    return this.#minute.health;
  }

  facts(): LiveFacts {
    const minute = this.#minute;
    return {
      live: read(this.#totals, 'openNow'),
      opened: read(this.#totals, 'dial:connected'),
      minute: span(minute.counters, minute.seconds, minute.response()),
      run: span(this.#totals, this.#seconds, this.#response.summary()),
    };
  }
}

function span(counters: Counters | null, seconds: number, response: HistogramSummary): LiveSpan {
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  return {
    seconds,
    framesPerSecond: perSecond(read(counters, 'framesMatched') + read(counters, 'framesOneWay')),
    dialsPerSecond: perSecond(read(counters, 'dialsAttempted')),
    response,
    failures: counters === null ? [] : failuresIn(counters),
    failureCount: counters === null ? 0 : countFailures(counters),
  };
}

function read(counters: Counters | null, name: CounterName): number {
  return counters?.[COUNTER[name]] ?? 0;
}
