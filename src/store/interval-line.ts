import { z } from 'zod';
import { OperatingError } from '../base/errors.ts';
import type { CounterName } from '../measure/counters.ts';
import type { LatencyHistogram } from '../measure/latency-histogram.ts';
import type { Metric } from '../measure/metric.ts';
import { INTERVAL_HEALTH_SCHEMA, type IntervalHealth } from './health-summary.ts';
import { describeFaults } from './json-file.ts';
import { storeError } from './store-error.ts';
import { textLines } from './text-lines.ts';

/** One interval of a run: a line of intervals.jsonl. Times in microseconds unless a name says otherwise. */
export interface IntervalLine extends CohortLine {
  /** From 0; of a widened interval, that of the first that it is made of. */
  index: number;
  /** How many intervals a widened one is made of; absent where it is one as it was measured. */
  merged?: number;
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
  /** Of the target's process, where one is watched and has not ended. */
  targetResidentBytes?: number;
  targetDescriptors?: number;
  targetThreads?: number;
  /** Processors that it used in the interval, 1 for one of them. */
  targetCpus?: number;
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

/** A stretch of a run of which nothing is known: it had broken off, and was resumed. Or nothing is stored of it. */
export interface Gap {
  /** Since the run's start, as measured: the end of the last interval before it, and the start of the next. */
  startSeconds: number;
  endSeconds: number;
  /** In words. */
  why: string;
  /** What was open, in flight and in progress when it broke off; nobody saw how that ended. */
  connectionsOpen: number;
  framesInFlight: number;
  dialsInProgress: number;
  /** The run went on and only its intervals are not stored: its totals have them. Absent where it had broken off. */
  unstored?: true;
}

/** How much of a run's time its gaps are; where only intervals are not stored, the run went on. */
export function gapSeconds(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { startSeconds, endSeconds, unstored }) => {
    return unstored === true ? sum : sum + endSeconds - startSeconds;
  }, 0);
}

/** What a line of intervals.jsonl holds, and the line itself, without its line feed. */
export type RecordLine = { text: string } & ({ interval: IntervalLine } | { gap: Gap });

/** The line as it is appended, line feed included. */
export function formatIntervalLine(line: IntervalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Likewise, of a gap. */
export function formatGapLine(gap: Gap): string {
  return `${JSON.stringify({ gap })}\n`;
}

/**
 * The intervals of a file, one at a time; a last line that a kill has torn is dropped. Those of the past of a long run
 * are wider than others, and where a run had broken off there are none.
 * @throws {OperatingError} when the file cannot be read, or naming file and line when one is corrupt (ERR_STORE)
 */
export function* readIntervalLines(path: string): Generator<IntervalLine> {
  for (const line of readRecordLines(path)) if ('interval' in line) yield line.interval;
}

/**
 * Every line of a file, gaps included.
 * @throws {OperatingError} as `readIntervalLines`
 */
export function* readRecordLines(path: string): Generator<RecordLine> {
  for (const { whole, text, number } of textLines(path)) {
    if (whole && text.trim() !== '') yield { text, ...parseLine(text, `${path}:${number}`) };
  }
}

/** Which interval it is, when it was, and what the run did in it. */
export type IntervalTimes = Pick<IntervalLine, 'index' | 'startSeconds' | 'endSeconds' | 'phase'>;

/** A line that is looked at no further than to its times; a gap has none. */
export interface TimedLine {
  text: string;
  times: IntervalTimes | null;
  /**
   * All of it.
   * @throws {OperatingError} as `readIntervalLines`
   */
  read: () => RecordLine;
}

/**
 * Every line of a file, for readers of few of them and for copies, which need not know what the lines hold.
 * @param damaged is told of lines that cannot be read, which are then left out. @default they are errors
 * @throws {OperatingError} as `readIntervalLines`
 */
export function* readTimedLines(path: string, damaged?: (why: string) => void): Generator<TimedLine> {
  for (const { whole, text, number } of textLines(path)) {
    if (!whole || text.trim() === '') continue;
    const read = (): RecordLine => ({ text, ...parseLine(text, `${path}:${number}`) });
    let line: TimedLine;
    try {
      line = { text, times: timesOf(text, read), read };
    } catch (error) {
      if (damaged === undefined || !(error instanceof OperatingError)) throw error;
      damaged(error.message);
      continue;
    }
    yield line;
  }
}

/** As they stand at the beginning of every line that was written here; another writer's line is read as a whole. */
const TIMES_PATTERN =
  /^\{"index":(\d+),"startSeconds":([\d.]+),"endSeconds":([\d.]+),"phase":"(warmup|measure|drain)".*\}$/;

function timesOf(text: string, read: () => RecordLine): IntervalTimes | null {
  const [, index, start, end, phase] = TIMES_PATTERN.exec(text) ?? [];
  if (index !== undefined) {
    const [startSeconds, endSeconds] = [Number(start), Number(end)];
    return { index: Number(index), startSeconds, endSeconds, phase: phase as RunPhase };
  }
  const line = read();
  return 'gap' in line ? null : line.interval;
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
    targetResidentBytes: z.number().exactOptional(),
    targetDescriptors: z.number().exactOptional(),
    targetThreads: z.number().exactOptional(),
    targetCpus: z.number().exactOptional(),
  }),
  histograms: z.record(z.string(), HISTOGRAM_SCHEMA),
};

/** Counters and metrics are not checked by name: a later version may know more of them. */
const LINE_SCHEMA: z.ZodType<IntervalLine> = z.looseObject({
  index: z.number(),
  merged: z.number().exactOptional(),
  startSeconds: z.number(),
  endSeconds: z.number(),
  phase: z.enum(['warmup', 'measure', 'drain']),
  ...COHORT_LINE,
  cohorts: z.record(z.string(), z.looseObject(COHORT_LINE)).exactOptional(),
  health: INTERVAL_HEALTH_SCHEMA.exactOptional(),
});

/** Checks a gap. */
export const GAP_FIELDS: z.ZodType<Gap> = z.looseObject({
  startSeconds: z.number(),
  endSeconds: z.number(),
  why: z.string(),
  connectionsOpen: z.number(),
  framesInFlight: z.number(),
  dialsInProgress: z.number(),
  unstored: z.literal(true).exactOptional(),
});

const GAP_SCHEMA: z.ZodType<{ gap: Gap }> = z.looseObject({ gap: GAP_FIELDS });

function parseLine(text: string, place: string): { interval: IntervalLine } | { gap: Gap } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw storeError(`Cannot read ${place}: the line must be JSON, but it is damaged`, error);
  }
  if (isIntervalLine(value)) return { interval: value };
  const isGap = typeof value === 'object' && value !== null && 'gap' in value;
  const parsed = isGap ? GAP_SCHEMA.safeParse(value) : LINE_SCHEMA.safeParse(value);
  if (!parsed.success)
    throw storeError(`Cannot read ${place}: ${describeFaults(parsed.error)}`, parsed.error);
  return 'gap' in parsed.data ? { gap: parsed.data.gap } : { interval: parsed.data };
}

/**
 * Whether it is what `LINE_SCHEMA` demands, told without copies or a validator's code: a long run widens hundreds of
 * thousands of lines. False says only that the schema has to be asked.
 */
function isIntervalLine(value: unknown): value is IntervalLine {
  if (!isRecord(value)) return false;
  const { merged = 1, cohorts = {}, health, phase } = value;
  return (
    areNumbers([value['index'], value['startSeconds'], value['endSeconds'], merged]) &&
    (phase === 'warmup' || phase === 'measure' || phase === 'drain') &&
    isCohortLine(value) &&
    isRecord(cohorts) &&
    Object.values(cohorts).every(isCohortLine) &&
    (health === undefined || isHealth(health))
  );
}

function isCohortLine(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { counters, gauges, histograms } = value;
  return (
    isRecord(counters) &&
    areNumbers(Object.values(counters)) &&
    isRecord(gauges) &&
    gauges['openNow'] !== undefined &&
    areNumbers(Object.values(gauges)) &&
    isRecord(histograms) &&
    Object.values(histograms).every(isHistogram)
  );
}

function isHistogram(value: unknown): boolean {
  return isRecord(value) && areNumbers(HISTOGRAM_NUMBERS.map((name) => value[name]));
}

const HISTOGRAM_NUMBERS: readonly string[] = Object.keys(HISTOGRAM_SCHEMA.shape);

function isHealth(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { level, warned, invalid, signals, invalidShare = 0 } = value;
  return (
    (level === 'ok' || level === 'warn' || level === 'invalid') &&
    areTexts(warned) &&
    areTexts(invalid) &&
    isRecord(signals) &&
    areNumbers([...Object.values(signals), invalidShare])
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areNumbers(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'number');
}

function areTexts(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}
