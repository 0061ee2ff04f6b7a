import { assert } from '../base/assert.ts';
import { OperatingError } from '../base/errors.ts';
import { LatencyHistogram } from '../measure/latency-histogram.ts';
import { storeError } from './store-error.ts';
import { textLines, type TextLine } from './text-lines.ts';

/*
 * HdrHistogram's log, version 1.3: comments (`#`), a legend, then a line an interval,
 *
 *   [Tag=x,]start,length,max,histogram
 *
 * start and length in seconds, start counted from `#[StartTime: ...]` (or `#[BaseTime: ...]`), the histogram in
 * base64 of its V2 compressed encoding. The max is for people: it is divided by a ratio that the log does not tell, by
 * convention a million or a thousand so that it reads in milliseconds. Our values are microseconds, so ours is a
 * thousand.
 * Source: HdrHistogram, HistogramLogWriter.java and HistogramLogReader.java (2.1.12 and 2.2.2).
 */

const TAG_PREFIX = 'Tag=';
const START_TIME_PREFIX = '#[StartTime:';
const LEGEND_PREFIX = '"StartTimestamp"';
const LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"';
const US_PER_MS = 1000;

/** What stands before the intervals of a log that starts at `startedAt`. */
export function formatHistogramLogHeader(startedAt: Date): string {
  const seconds = (startedAt.getTime() / 1000).toFixed(3);
  return [
    '#[Histogram log format version 1.3]',
    `${START_TIME_PREFIX} ${seconds} (seconds since epoch), ${startedAt.toISOString()}]`,
    '#[Values are microseconds, Interval_Max is milliseconds]',
    LEGEND,
    '',
  ].join('\n');
}

/** One metric of one interval, as it is logged. */
export interface LoggedInterval {
  /** Without comma and white space; null leaves it out. */
  tag: string | null;
  /** Since the log's start time. */
  startSeconds: number;
  lengthSeconds: number;
  /** The largest value, in milliseconds. @default that of the histogram */
  max?: number;
}

/** The line as it is appended, line feed included. */
export function formatHistogramLogLine(interval: LoggedInterval, histogram: LatencyHistogram): string {
  const { tag, startSeconds, lengthSeconds } = interval;
  assert(tag === null || /^[^\s,]+$/.test(tag), `a tag has no comma and no white space: ${tag}`);
  const max = interval.max ?? (histogram.maxUs ?? 0) / US_PER_MS;
  const times = [startSeconds, lengthSeconds, max].map((value) => value.toFixed(3)).join(',');
  return `${tag === null ? '' : `${TAG_PREFIX}${tag},`}${times},${histogram.encode()}\n`;
}

/** An interval that was read. */
export interface HistogramLogInterval extends LoggedInterval {
  /** The log's start time; null where the log does not tell one. */
  logStartEpochSeconds: number | null;
  /** As logged: in whatever unit the writer chose. */
  max: number;
  /**
   * Decodes the interval's values; a reader that wants one tag pays for that one.
   * @throws {OperatingError} naming file and line when it is damaged (ERR_STORE)
   */
  histogram(): LatencyHistogram;
}

/**
 * The intervals of a log of ours or of another HdrHistogram tool, one at a time. Comments may stand anywhere, and a
 * last line that a kill has torn is dropped.
 * @throws {OperatingError} when the file cannot be read, or naming file and line when one is corrupt (ERR_STORE)
 */
export function* readHistogramLog(path: string): Generator<HistogramLogInterval> {
  let startEpochSeconds: number | null = null;
  for (const line of textLines(path)) {
    const text = line.text.trim();
    if (text.startsWith(START_TIME_PREFIX)) {
      startEpochSeconds = Number.parseFloat(text.slice(START_TIME_PREFIX.length));
    }
    if (isPreamble(text)) continue;
    if (!line.whole && isTorn(text)) return;
    yield parseInterval(line, `${path}:${line.number}`, startEpochSeconds);
  }
}

/** One line of a log of ours, as it stands in the file. */
export interface HistogramLogLine {
  text: string;
  /** Null for comments and the legend. */
  interval: LoggedInterval | null;
  /** The histogram in base64. */
  encoded: string;
}

/**
 * The lines of a log as they stand, for copies of it; a last line that a kill has torn is dropped.
 * @throws {OperatingError} as `readHistogramLog`
 */
export function* readHistogramLogLines(path: string): Generator<HistogramLogLine> {
  for (const line of textLines(path)) {
    if (!line.whole) return;
    const { text } = line;
    if (isPreamble(text)) yield { text, interval: null, encoded: '' };
    else {
      const [tag, startSeconds, lengthSeconds, max, encoded] = fieldsOf(line, `${path}:${line.number}`);
      yield { text, interval: { tag, startSeconds, lengthSeconds, max }, encoded };
    }
  }
}

/** One metric of one interval, with its histogram in base64. */
export interface EncodedInterval extends LoggedInterval {
  encoded: string;
}

/**
 * The intervals of a log of ours that begin at `fromSeconds` or later, without looking closer at those before.
 * @param damaged is told of lines that cannot be read, which are then left out. @default they are errors
 * @throws {OperatingError} as `readHistogramLog`
 */
export function* readHistogramLogFrom(
  path: string,
  fromSeconds: number,
  damaged?: (why: string) => void,
): Generator<EncodedInterval> {
  for (const line of textLines(path)) {
    if (!line.whole) return;
    const startSeconds = startOf(line.text);
    if (!(startSeconds > fromSeconds - HALF_MS_SECONDS)) continue;
    const fields = fieldsOrTold(line, `${path}:${line.number}`, damaged);
    if (fields === null) continue;
    const [tag, , lengthSeconds, max, encoded] = fields;
    yield { tag, startSeconds, lengthSeconds, max, encoded };
  }
}

/**
 * How many bytes of a log of ours come before the first interval that begins at `endSeconds` or later.
 * @throws {OperatingError} when the file cannot be read (ERR_STORE)
 */
export function histogramLogBytesBefore(path: string, endSeconds: number): number {
  let bytes = 0;
  for (const { whole, text } of textLines(path)) {
    if (!whole || startOf(text) > endSeconds - HALF_MS_SECONDS) break;
    bytes += Buffer.byteLength(text) + 1;
  }
  return bytes;
}

/** NaN where the line is no interval. */
function startOf(text: string): number {
  const tagEnd = text.startsWith(TAG_PREFIX) ? text.indexOf(',') + 1 : 0;
  return Number.parseFloat(text.slice(tagEnd, tagEnd + START_CHARACTERS));
}

function fieldsOrTold(line: TextLine, place: string, damaged?: (why: string) => void): Fields | null {
  try {
    return fieldsOf(line, place);
  } catch (error) {
    if (damaged === undefined || !(error instanceof OperatingError)) throw error;
    damaged(error.message);
    return null;
  }
}

/** No number of seconds takes more. */
const START_CHARACTERS = 24;
/** Times are rounded to milliseconds. */
const HALF_MS_SECONDS = 0.0006;

function isPreamble(text: string): boolean {
  return text === '' || text.startsWith('#') || text.startsWith(LEGEND_PREFIX);
}

const INTERVAL_PATTERN = /^(?:Tag=([^\s,]*),\s*)?([\d.]+),\s*([\d.]+),\s*([\d.]+),\s*([A-Za-z0-9+/]+=*)$/;

/** Other tools leave out the last line feed, so only a line that cannot be read counts as torn. */
function isTorn(text: string): boolean {
  const encoded = INTERVAL_PATTERN.exec(text)?.[5];
  if (encoded === undefined) return true;
  try {
    LatencyHistogram.decode(encoded);
    return false;
  } catch {
    return true;
  }
}

function parseInterval(
  line: TextLine,
  place: string,
  logStartEpochSeconds: number | null,
): HistogramLogInterval {
  const [tag, startSeconds, lengthSeconds, max, encoded] = fieldsOf(line, place);
  const times = { startSeconds, lengthSeconds, logStartEpochSeconds };
  return { tag, ...times, max, histogram: () => decodeAt(place, encoded) };
}

type Fields = [tag: string | null, startSeconds: number, lengthSeconds: number, max: number, encoded: string];

function fieldsOf(line: TextLine, place: string): Fields {
  const fields = INTERVAL_PATTERN.exec(line.text.trim());
  if (fields === null) {
    throw storeError(
      `Cannot read ${place}: an interval must read [Tag=x,]start,length,max,histogram: ` +
        `it is ${JSON.stringify(line.text.slice(0, SHOWN_CHARACTERS_MAX))}`,
    );
  }
  const [, tag, start, length, max, encoded] = fields;
  return [tag ?? null, Number(start), Number(length), Number(max), encoded ?? ''];
}

/** How much of a damaged line an error quotes. */
const SHOWN_CHARACTERS_MAX = 60;

function decodeAt(place: string, encoded: string): LatencyHistogram {
  try {
    return LatencyHistogram.decode(encoded);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw storeError(`Cannot read ${place}: the histogram is damaged: ${reason}`, error);
  }
}
