import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { assert, present } from '../base/assert.ts';
import { LatencyHistogram } from '../measure/latency-histogram.ts';
import { AppendFile } from './append-file.ts';
import type { Era } from './eras.ts';
import {
  formatHistogramLogLine,
  readHistogramLogLines,
  type HistogramLogLine,
  type LoggedInterval,
} from './histogram-log.ts';
import {
  formatIntervalLine,
  intervalHistogram,
  readTimedLines,
  type IntervalHistogram,
  type IntervalLine,
  type IntervalTimes,
  type TimedLine,
} from './interval-line.ts';
import { onDisk } from './store-error.ts';
import { widenIntervals } from './widen-interval.ts';

/*
 * Rewrites both logs of a run beside themselves, with the intervals of older eras merged, a few lines at a time while
 * the run goes on. The logs grow meanwhile; what they have grown by is copied at the end, and then the new files take
 * the places of the old ones, first the intervals, then the histograms. A kill before, between or after leaves logs
 * that can be read, each with widths of its own: histograms may then be finer than intervals, never wider.
 */

/** The widening of one record, from its start until the new logs are in place or it is abandoned. */
export class WideningJob {
  readonly #from: { intervals: AppendFile; histograms: AppendFile };
  readonly #to: { intervals: AppendFile; histograms: AppendFile };
  readonly #eras: Era[];
  readonly #work: Generator<void, void>;
  readonly #logged: Generator<HistogramLogLine>;
  #nextLogged: HistogramLogLine | null;
  /** Bytes of the old files that are in the new ones. */
  readonly #copied: { intervals: number; histograms: number } = { intervals: 0, histograms: 0 };
  /** Where the histograms of one tag are merged after those of another. */
  readonly #scratch: LatencyHistogram;

  /**
   * @param eras what the record is to be like; their lines and bytes are counted anew
   * @param scratch to merge histograms in, which the next job can use again
   * @throws {OperatingError} when the new files cannot be made, as is everything below (ERR_STORE)
   */
  constructor(
    from: { intervals: AppendFile; histograms: AppendFile },
    eras: readonly Era[],
    scratch: LatencyHistogram = new LatencyHistogram(),
  ) {
    this.#from = from;
    this.#scratch = scratch;
    this.#eras = eras.map((era) => ({ ...era, lines: 0, bytes: 0 }));
    this.#to = {
      intervals: createAnew(widenedPath(from.intervals.path)),
      histograms: createAnew(widenedPath(from.histograms.path)),
    };
    this.#logged = readHistogramLogLines(from.histograms.path);
    this.#nextLogged = this.#readLogged();
    this.#work = this.#rewrite();
  }

  /** Reads up to `lines` intervals; true when all that is left is to copy what does not change. */
  step(lines: number): boolean {
    for (let line = 0; line < lines; line++) if (this.#work.next().done === true) return true;
    return false;
  }

  /** Waits until the disk has the new files as they are. */
  async sync(): Promise<void> {
    await this.#to.intervals.sync();
    await this.#to.histograms.sync();
  }

  /** Copies what the logs have grown by, and puts the new files in their places; the old ones are to be closed. */
  finish(): { intervals: AppendFile; histograms: AppendFile; eras: Era[] } {
    for (const _ of this.#copyRest()) continue;
    const { intervals, histograms } = this.#to;
    intervals.rename(this.#from.intervals.path);
    histograms.rename(this.#from.histograms.path);
    return { intervals, histograms, eras: this.#eras };
  }

  /** Takes the new files away; the old ones stay as they are. */
  abandon(): void {
    this.#work.return();
    this.#logged.return(undefined);
    for (const file of [this.#to.intervals, this.#to.histograms]) {
      file.close();
      rmSync(file.path, { force: true });
    }
  }

  *#rewrite(): Generator<void, void> {
    let group: Group[] = [];
    const flush = (): void => {
      if (group.length > 0) this.#write(group);
      group = [];
    };
    for (const { text, times, read } of readTimedLines(this.#from.intervals.path)) {
      if (times === null) {
        flush();
        this.#to.intervals.append(`${text}\n`);
      } else {
        if (this.#eraAt(times.endSeconds) === this.#eras.at(-1)) break;
        const before = group.at(-1);
        if (before !== undefined && !this.#belongTogether(before.times, times)) flush();
        group.push({ text, times, read });
      }
      this.#copied.intervals += bytesOf(text);
      yield;
    }
    flush();
    this.#logged.return(undefined);
    yield* this.#copyRest();
  }

  #eraAt(endSeconds: number): Era {
    return present(
      this.#eras.find(({ untilSeconds }) => endSeconds <= untilSeconds + ROUNDING_SECONDS),
      'the last era has no end',
    );
  }

  #belongTogether(before: IntervalTimes, next: IntervalTimes): boolean {
    const { widthSeconds } = this.#eraAt(before.endSeconds);
    const place = ({ startSeconds }: IntervalTimes): number =>
      Math.floor((startSeconds + ROUNDING_SECONDS) / widthSeconds);
    return (
      this.#eraAt(next.endSeconds).widthSeconds === widthSeconds &&
      place(before) === place(next) &&
      before.phase === next.phase &&
      Math.abs(next.startSeconds - before.endSeconds) < ROUNDING_SECONDS
    );
  }

  #write(group: readonly Group[]): void {
    const [first, last] = [present(group[0], 'a group has a first'), present(group.at(-1), 'and a last')];
    const era = this.#eraAt(last.times.endSeconds);
    const logged = this.#takeLogged(last.times.endSeconds);
    const { log, line } =
      group.length === 1
        ? { log: logged.map(({ text }) => `${text}\n`).join(''), line: `${first.text}\n` }
        : this.#merge(group, logged);
    if (log !== '') this.#to.histograms.append(log);
    this.#to.intervals.append(line);
    era.lines++;
    era.bytes += Buffer.byteLength(line) + log.length;
  }

  /** One line in the place of several, and one a tag. */
  #merge(group: readonly Group[], logged: readonly HistogramLogLine[]): { log: string; line: string } {
    const intervals = group.map(intervalOf);
    const { startSeconds } = present(intervals[0], 'a group has a first');
    const lengthSeconds = present(intervals.at(-1), 'and a last').endSeconds - startSeconds;
    const tags = new Set(logged.map(({ interval }) => interval?.tag ?? null));
    const numbers = new Map<string, IntervalHistogram>();
    const log = Array.from(tags, (tag) => {
      const lines = logged.filter(({ interval }) => interval?.tag === tag);
      this.#scratch.clear();
      for (const { encoded } of lines) this.#scratch.addEncoded(encoded);
      const merged = intervalHistogram(this.#scratch);
      if (merged !== null) numbers.set(tag ?? '', merged);
      const max = Math.max(...lines.map(({ interval }) => interval?.max ?? 0));
      const times: LoggedInterval = { tag, startSeconds, lengthSeconds, max };
      return formatHistogramLogLine(times, this.#scratch);
    }).join('');
    return { log, line: formatIntervalLine(widenIntervals(intervals, numbers)) };
  }

  /** What was logged of intervals that begin before `endSeconds`. */
  #takeLogged(endSeconds: number): HistogramLogLine[] {
    const taken: HistogramLogLine[] = [];
    while (this.#nextLogged !== null) {
      const { interval, text } = this.#nextLogged;
      if (interval === null) this.#to.histograms.append(`${text}\n`);
      else if (interval.startSeconds < endSeconds - ROUNDING_SECONDS) taken.push(this.#nextLogged);
      else break;
      this.#copied.histograms += bytesOf(text);
      this.#nextLogged = this.#readLogged();
    }
    return taken;
  }

  #readLogged(): HistogramLogLine | null {
    const next = this.#logged.next();
    return next.done === true ? null : next.value;
  }

  /** What the last era holds is copied as it stands. */
  *#copyRest(): Generator<void, void> {
    const era = present(this.#eras.at(-1), 'there is a last era');
    for (const name of ['histograms', 'intervals'] as const) {
      for (const chunk of chunksFrom(this.#from[name], this.#copied[name])) {
        this.#to[name].append(chunk);
        this.#copied[name] += chunk.length;
        era.bytes += chunk.length;
        if (name === 'intervals') era.lines += countLines(chunk);
        yield;
      }
    }
  }
}

/** Intervals that become one. */
type Group = TimedLine & { times: IntervalTimes };

function intervalOf({ read }: Group): IntervalLine {
  const line = read();
  assert('interval' in line, 'only intervals are merged');
  return line.interval;
}

/** A run's directory holds such files while its record is widened, or when it broke off at that. */
export const WIDENED_SUFFIX = '.widened';

function widenedPath(path: string): string {
  return `${path}${WIDENED_SUFFIX}`;
}

function createAnew(path: string): AppendFile {
  onDisk('Cannot replace', path, () => rmSync(path, { force: true }));
  return AppendFile.create(path);
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text) + 1;
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** What a file holds from `start` on, as far as it has grown by now; a chunk is valid until the next one is read. */
function* chunksFrom(file: AppendFile, start: number): Generator<Buffer> {
  const descriptor = onDisk('Cannot read', file.path, () => openSync(file.path, 'r'));
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let at = start; at < file.bytes;) {
      const wanted = Math.min(CHUNK_BYTES, file.bytes - at);
      const length = onDisk('Cannot read', file.path, () => readSync(descriptor, chunk, 0, wanted, at));
      if (length === 0) return;
      at += length;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 64 * 1024;
/** Times of the histogram log are rounded to milliseconds. */
const ROUNDING_SECONDS = 0.001;
