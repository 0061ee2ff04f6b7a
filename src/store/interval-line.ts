import { z } from 'zod';
import type { CounterName } from '../measure/counters.ts';
import type { LatencyHistogram } from '../measure/latency-histogram.ts';
import type { Metric } from '../measure/metric.ts';
import { INTERVAL_HEALTH_SCHEMA, type IntervalHealth } from './health-summary.ts';
import { describeFaults } from './json-file.ts';
import { storeError } from './store-error.ts';
import { textLines } from './text-lines.ts';

/** One interval of a run: a line of intervals.jsonl. Times in microseconds unless a name says otherwise. */
export interface IntervalLine extends CohortLine {
  /** From 0. */
  index: number;
  /** Since the run's start. */
  startSeconds: number;
  endSeconds: number;
  phase: RunPhase;
  /** How the generator fared; absent outside of the measured time. */
  health?: IntervalHealth;
  /** The parts of the whole, by name; absent where the profile has no cohorts. */
  cohorts?: Record<string, CohortLine>;
}

/** What one cohort, or all of them together, did in an interval. */
export interface CohortLine {
  /** What was counted in this interval; zeros are left out. */
  counters: Partial<Record<CounterName, number>>;
  gauges: IntervalGauges;
  /** Metrics without a value in this interval are left out. */
  histograms: Partial<Record<Metric, IntervalHistogram>>;
}

/** The same without its times. */
export type CohortCounts = Omit<CohortLine, 'histograms'>;

/** A line before its times are written. */
export interface IntervalCounts extends Omit<IntervalLine, 'histograms' | 'cohorts'> {
  cohorts?: Record<string, CohortCounts>;
}

/** What a run is doing: frames of the warm-up are in no result, and in the drain none are sent. */
export type RunPhase = 'warmup' | 'measure' | 'drain';

/** How things stood at the end of an interval. */
export interface IntervalGauges {
  openNow: number;
  /** Frames whose reply is awaited; absent where it is not known. */
  inFlight?: number;
  /** Resident memory of the generator's process; absent where it is not known. */
  rssBytes?: number;
}

/** One metric of one interval. */
export interface IntervalHistogram {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** The numbers of an interval's histogram; null when it has no values. */
export function intervalHistogram(histogram: LatencyHistogram): IntervalHistogram | null {
  const { count, min, mean, p50, p90, p99, p999, max } = histogram.summary();
  if (min === null || mean === null || p50 === null || p90 === null) return null;
  if (p99 === null || p999 === null || max === null) return null;
  return { count, min, mean, p50, p90, p99, p999, max };
}

/** The line as it is appended, line feed included. */
export function formatIntervalLine(line: IntervalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * The intervals of a file, one at a time; a last line that a kill has torn is dropped.
 * @throws {OperatingError} when the file cannot be read, or naming file and line when one is corrupt (ERR_STORE)
 */
export function* readIntervalLines(path: string): Generator<IntervalLine> {
  for (const line of textLines(path)) {
    if (line.whole && line.text.trim() !== '') yield parseIntervalLine(line.text, `${path}:${line.number}`);
  }
}

const HISTOGRAM_SCHEMA = z.looseObject({
  count: z.number(),
  min: z.number(),
  mean: z.number(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
});

const COHORT_LINE = {
  counters: z.record(z.string(), z.number()),
  gauges: z.looseObject({
    openNow: z.number(),
    inFlight: z.number().exactOptional(),
    rssBytes: z.number().exactOptional(),
  }),
  histograms: z.record(z.string(), HISTOGRAM_SCHEMA),
};

/** Counters and metrics are not checked by name: a later version may know more of them. */
const LINE_SCHEMA: z.ZodType<IntervalLine> = z.looseObject({
  index: z.number(),
  startSeconds: z.number(),
  endSeconds: z.number(),
  phase: z.enum(['warmup', 'measure', 'drain']),
  ...COHORT_LINE,
  cohorts: z.record(z.string(), z.looseObject(COHORT_LINE)).exactOptional(),
  health: INTERVAL_HEALTH_SCHEMA.exactOptional(),
});

function parseIntervalLine(text: string, place: string): IntervalLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw storeError(`Cannot read ${place}: the line must be JSON, but it is damaged`, error);
  }
  const parsed = LINE_SCHEMA.safeParse(value);
  if (parsed.success) return parsed.data;
  throw storeError(`Cannot read ${place}: ${describeFaults(parsed.error)}`, parsed.error);
}
