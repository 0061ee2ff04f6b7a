import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { present } from '../base/assert.ts';
import { LatencyHistogram } from '../measure/latency-histogram.ts';
import { AppendFile } from './append-file.ts';
import { firstEra, planWidening, total, widthOf, type Era } from './eras.ts';
import { formatHistogramLogHeader, histogramLogBytesBefore } from './histogram-log.ts';
import { formatGapLine, readRecordLines, type Gap } from './interval-line.ts';
import { RUN_FILES } from './run-files.ts';
import { storeError } from './store-error.ts';
import { WIDENED_SUFFIX, WideningJob } from './widening-job.ts';

/** What the logs of a run may take. */
export interface LogLimits {
  /** Of both logs and of what is needed to rewrite them. */
  bytes: number;
  /** Stored intervals. @default INTERVALS_STORED_MAX */
  lines?: number;
}

/**
 * The two logs of a run, kept in step and within their limits: when they have grown too long, older intervals are
 * widened, a few at each append, see eras.ts and widening-job.ts.
 */
export class RunLog {
  readonly #limits: Required<LogLimits>;
  #files: { intervals: AppendFile; histograms: AppendFile };
  #eras: Era[];
  #endSeconds: number;
  #job: WideningJob | null = null;
  /** Had from the start: what a run takes should show in its first hour. */
  readonly #scratch: LatencyHistogram = new LatencyHistogram();
  #jobState: 'rewriting' | 'syncing' | 'synced' = 'rewriting';
  /** Why the disk did not take what a job wrote. */
  #jobFailure: unknown = null;
  #isFull: boolean = false;
  /** A file must stay open as long as it is being synced. */
  #syncs: number = 0;

  /** @throws {OperatingError} when the files exist or cannot be made (ERR_STORE) */
  static create(directory: string, startedAt: Date, limits: LogLimits): RunLog {
    const files = {
      intervals: AppendFile.create(join(directory, RUN_FILES.intervals)),
      histograms: AppendFile.create(join(directory, RUN_FILES.histograms)),
    };
    files.histograms.append(formatHistogramLogHeader(startedAt));
    return new RunLog(files, limits, { eras: [firstEra()], endSeconds: 0 });
  }

  /**
   * Goes on with the logs of a run that broke off, without the halves of lines at their ends.
   * @throws {OperatingError} when they cannot be read or written (ERR_STORE)
   */
  static continue(directory: string, limits: LogLimits): RunLog {
    const [intervals, histograms] = [
      join(directory, RUN_FILES.intervals),
      join(directory, RUN_FILES.histograms),
    ];
    for (const path of [intervals, histograms]) rmSync(`${path}${WIDENED_SUFFIX}`, { force: true });
    const files = {
      intervals: AppendFile.continue(intervals),
      histograms: AppendFile.continue(histograms),
    };
    const known = readEras(intervals, files.histograms.bytes);
    // A kill between the two logs leaves times whose interval never came; the next one would be taken for theirs.
    files.histograms.truncate(histogramLogBytesBefore(histograms, known.endSeconds));
    return new RunLog(files, limits, known);
  }

  private constructor(
    files: { intervals: AppendFile; histograms: AppendFile },
    limits: LogLimits,
    known: { eras: Era[]; endSeconds: number },
  ) {
    this.#files = files;
    this.#limits = { lines: INTERVALS_STORED_MAX, ...limits };
    this.#eras = known.eras;
    this.#endSeconds = known.endSeconds;
  }

  /** How wide stored intervals are, the oldest first. */
  get eras(): readonly Era[] {
    return this.#eras;
  }

  /** Where the last interval ends. */
  get endSeconds(): number {
    return this.#endSeconds;
  }

  get bytes(): number {
    return this.#files.intervals.bytes + this.#files.histograms.bytes;
  }

  /**
   * Appends the line of one interval, and those of its histograms.
   * @throws {OperatingError} when the disk does not take it, or the limits leave no room (ERR_STORE)
   */
  append(line: string, log: string, endSeconds: number): void {
    const bytes = Buffer.byteLength(line) + log.length;
    this.#requireRoom(bytes);
    this.#appendBoth(line, log);
    const era = present(this.#eras.at(-1), 'there is a last era');
    era.lines++;
    era.bytes += bytes;
    this.#endSeconds = endSeconds;
    this.#keepWithinLimits();
  }

  /**
   * Also says that the disk may take again what it had refused.
   * @throws {OperatingError} when it does not (ERR_STORE)
   */
  appendGap(gap: Gap): void {
    this.#files.intervals.append(formatGapLine(gap));
    this.#jobFailure = null;
  }

  /** Whether the limits leave no room any more, however much the disk has. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Waits until the disk has all that was appended before the call.
   * @throws {OperatingError} when it refuses (ERR_STORE)
   */
  async sync(): Promise<void> {
    const files = this.#files;
    try {
      await this.#whileOpen(() => Promise.all([files.intervals.sync(), files.histograms.sync()]));
    } catch (error) {
      // Files that were replaced in a hurry are closed, and of no interest any more.
      if (files === this.#files) throw error;
    }
  }

  /** What is being widened stays as it was. Harmless when closed already. */
  close(): void {
    this.#abandonJob();
    this.#files.intervals.close();
    this.#files.histograms.close();
  }

  /** Times without their interval would be taken for those of the next. */
  #appendBoth(line: string, log: string): void {
    const { histograms, intervals } = this.#files;
    const before = histograms.bytes;
    if (log !== '') histograms.append(log);
    try {
      intervals.append(line);
    } catch (error) {
      histograms.truncate(before);
      throw error;
    }
  }

  #requireRoom(bytes: number): void {
    if (this.bytes + bytes <= this.#limits.bytes) return;
    this.#hurry();
    if (this.bytes + bytes <= this.#limits.bytes) return;
    this.#isFull = true;
    throw storeError(
      `the record may take ${this.#limits.bytes} bytes (record.maxDisk), has ${this.bytes}, and cannot be widened ` +
        'further; give --max-disk more',
      this.#jobFailure,
    );
  }

  /** There is no room to wait for the disk, or to go on by small steps. */
  #hurry(): void {
    if (this.#job === null) return;
    try {
      while (!this.#job.step(LINES_A_STEP_MAX)) continue;
      this.#finishJob(this.#job);
    } catch (error) {
      this.#failJob(error);
    }
  }

  #keepWithinLimits(): void {
    try {
      if (this.#job === null) this.#startJob();
      else if (this.#jobState === 'rewriting') this.#goOn(this.#job);
      else if (this.#jobState === 'synced' && this.#syncs === 0) this.#finishJob(this.#job);
    } catch (error) {
      this.#failJob(error);
    }
  }

  #startJob(): void {
    const { lines, bytes } = this.#limits;
    const now = total(this.#eras);
    const isTooLong = now.lines > lines || this.bytes > bytes * WIDEN_FROM_SHARE;
    if (!isTooLong || this.#jobFailure !== null) return;
    const plan = planWidening(this.#eras, {
      lines: lines * WIDEN_TO_LINES_SHARE,
      bytes: bytes * WIDEN_TO_SHARE,
      endSeconds: this.#endSeconds,
    });
    if (plan === null) return;
    this.#job = new WideningJob(this.#files, plan, this.#scratch);
    this.#jobState = 'rewriting';
  }

  #goOn(job: WideningJob): void {
    if (!job.step(LINES_A_STEP_MAX)) return;
    this.#jobState = 'syncing';
    void this.#whileOpen(() => job.sync()).then(
      () => this.#synced(job, null),
      (error: unknown) => this.#synced(job, error),
    );
  }

  /** What becomes of a job that was finished in a hurry, or abandoned, meanwhile is no news. */
  #synced(job: WideningJob, error: unknown): void {
    if (this.#job !== job) return;
    if (error === null) this.#jobState = 'synced';
    else this.#failJob(error);
  }

  #finishJob(job: WideningJob): void {
    const { eras, ...files } = job.finish();
    this.#files.intervals.close();
    this.#files.histograms.close();
    this.#files = files;
    this.#eras = eras;
    this.#job = null;
  }

  /** The record goes on as it is, for as long as there is room. */
  #failJob(error: unknown): void {
    this.#jobFailure = error;
    this.#abandonJob();
  }

  #abandonJob(): void {
    this.#job?.abandon();
    this.#job = null;
  }

  async #whileOpen(work: () => Promise<unknown>): Promise<void> {
    this.#syncs++;
    try {
      await work();
    } finally {
      this.#syncs--;
    }
  }
}

/** The eras of a record as they show in the widths of its intervals, which grow with age. */
function readEras(path: string, histogramBytes: number): { eras: Era[]; endSeconds: number } {
  const found: { width: number; endSeconds: number; bytes: number }[] = [];
  for (const line of readRecordLines(path)) {
    if ('gap' in line) continue;
    const { startSeconds, endSeconds } = line.interval;
    found.push({ width: widthOf(endSeconds - startSeconds), endSeconds, bytes: line.text.length + 1 });
  }
  const eras: Era[] = [];
  const logBytes = found.length === 0 ? 0 : histogramBytes / found.length;
  let widthSeconds = firstEra().widthSeconds;
  for (const { width, endSeconds, bytes } of found.toReversed()) {
    widthSeconds = Math.max(widthSeconds, width);
    const era = eras[0];
    if (era?.widthSeconds === widthSeconds) {
      era.lines++;
      era.bytes += bytes + logBytes;
    } else eras.unshift({ untilSeconds: endSeconds, widthSeconds, lines: 1, bytes: bytes + logBytes });
  }
  const last = eras.at(-1);
  const endSeconds = found.at(-1)?.endSeconds ?? 0;
  if (last?.widthSeconds !== firstEra().widthSeconds) eras.push(firstEra());
  else last.untilSeconds = Infinity;
  return { eras, endSeconds };
}

/**
 * Stored intervals of a run beyond which older ones are widened, whatever room there is: so many are read in about a
 * second, and are nine hours at full resolution.
 */
const INTERVALS_STORED_MAX = 32_768;
/** Lines that a job reads at each append: it takes a millisecond or two, and the logs grow by a thirty-second meanwhile. */
const LINES_A_STEP_MAX = 32;
/** Shares of the limits: old and new logs lie side by side while the record is widened. */
const WIDEN_FROM_SHARE = 0.55;
const WIDEN_TO_SHARE = 0.4;
const WIDEN_TO_LINES_SHARE = 0.75;
