import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import type { HistogramSet } from '../measure/histogram-set.ts';
import { formatProfile } from '../profile/format-profile.ts';
import { AppendFile } from './append-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import { formatHistogramLogLine } from './histogram-log.ts';
import {
  formatIntervalLine,
  intervalHistogram,
  type CohortLine,
  type Gap,
  type IntervalCounts,
  type IntervalLine,
} from './interval-line.ts';
import { makeDirectories } from './make-directories.ts';
import type { Manifest } from './manifest.ts';
import { storedWidths, type RecordStop, type StoredWidth } from './record-facts.ts';
import type { RunEvent } from './run-event.ts';
import { RUN_FILES } from './run-files.ts';
import { RunLog } from './run-log.ts';
import { onDisk, storeError } from './store-error.ts';
import type { Summary } from './summary.ts';
import { replaceWhole, writeWhole } from './whole-file.ts';

export interface WriterOptions {
  /** Is told, once, why the record has stopped. @default nothing is told */
  stopped?: (stop: RecordStop) => void;
}

/**
 * Makes the directory of a run below `outDir`, with its logs, its profile and its manifest in it. The manifest is what
 * makes a directory a run, so it comes last: whoever finds it finds the rest as well, whenever the process was killed.
 * @throws {OperatingError} when it cannot be made or written, naming path and errno (ERR_STORE)
 */
export function createRun(outDir: string, manifest: Manifest, options: WriterOptions = {}): RunWriter {
  const directory = join(outDir, manifest.id);
  onDisk('Cannot create the directory for runs', outDir, () => makeDirectories(outDir));
  onDisk('Cannot create the directory of the run', directory, () => mkdirSync(directory));
  const log = RunLog.create(directory, new Date(manifest.startedAt), logLimits(manifest));
  writeWhole(join(directory, RUN_FILES.profile), formatProfile(manifest.profile));
  writeWhole(join(directory, RUN_FILES.manifest), json(manifest));
  return new RunWriter(directory, log, options);
}

/**
 * Goes on with the directory of a run that broke off.
 * @throws {OperatingError} when its logs cannot be read or written (ERR_STORE)
 */
export function continueRun(directory: string, manifest: Manifest, options: WriterOptions = {}): RunWriter {
  return new RunWriter(directory, RunLog.continue(directory, logLimits(manifest)), options);
}

/**
 * Writes one run's directory. A kill at any moment loses at most the interval that goes on, a power failure the last
 * ten seconds. When the disk refuses, the record stops and the run goes on.
 */
export class RunWriter {
  readonly directory: string;
  readonly #log: RunLog;
  readonly #options: WriterOptions;
  #events: AppendFile | null = null;
  #stop: RecordStop | null = null;
  /** When the disk last was made to have everything, by the time of the run. */
  #keptAtSeconds: number = -Infinity;
  #isKeeping: boolean = false;
  /** Done when what is kept in the background is. */
  #kept: Promise<void> = Promise.resolve();
  #isClosed: boolean = false;

  /** Use `createRun` or `continueRun`. */
  constructor(directory: string, log: RunLog, options: WriterOptions) {
    this.directory = directory;
    this.#log = log;
    this.#options = options;
  }

  /** When and why the record stopped; null while it has not. */
  get stop(): RecordStop | null {
    return this.#stop;
  }

  /** How wide the stored intervals are, where. */
  get widths(): StoredWidth[] {
    return storedWidths(this.#log.eras, this.#log.endSeconds);
  }

  /**
   * Appends one interval to both logs; `histograms` holds its values, `cohorts` those of its cohorts by name. In the
   * histogram log a cohort's metric is tagged `name:metric`; a single cohort is the whole and has no tags of its own.
   * Nothing once the record has stopped.
   */
  append(
    { cohorts: counts = {}, ...interval }: IntervalCounts,
    histograms: HistogramSet,
    cohorts: ReadonlyMap<string, HistogramSet> = new Map(),
  ): void {
    const { startSeconds, endSeconds } = interval;
    const times = { startSeconds, lengthSeconds: endSeconds - startSeconds };
    const tagged = cohorts.size > 1 ? cohorts : [];
    const log = [
      ['', histograms] as const,
      ...Array.from(tagged, ([name, set]) => [`${name}:`, set] as const),
    ]
      .flatMap(([prefix, set]) =>
        set.recorded().map(([metric, values]) => {
          return formatHistogramLogLine({ tag: `${prefix}${metric}`, ...times }, values);
        }),
      )
      .join('');
    const lines = Object.entries(counts).map(([name, cohort]): [string, CohortLine] => [
      name,
      { ...cohort, histograms: numbersOf(cohorts.get(name)) },
    ]);
    const line = formatIntervalLine({
      ...interval,
      histograms: numbersOf(histograms),
      ...(lines.length === 0 ? {} : { cohorts: Object.fromEntries(lines) }),
    });
    this.#record(startSeconds, () => this.#log.append(line, log, endSeconds));
  }

  /** Appends something that a user asked of the run. */
  appendEvent(event: RunEvent): void {
    const path = join(this.directory, RUN_FILES.events);
    this.#record(event.atSeconds, () => {
      this.#events ??= existsSync(path) ? AppendFile.continue(path) : AppendFile.create(path);
      this.#events.append(`${JSON.stringify(event)}\n`);
    });
  }

  /** Records that nothing is known of a stretch of the run. */
  appendGap(gap: Gap): void {
    this.#record(gap.startSeconds, () => this.#log.appendGap(gap));
  }

  /**
   * Makes the disk have everything, and a checkpoint with it, where ten seconds of the run have passed since it last
   * did; in the background.
   */
  keep(endSeconds: number, checkpoint: () => Checkpoint): void {
    if (this.#stop !== null || this.#isKeeping || endSeconds < this.#keptAtSeconds + KEEP_SECONDS) return;
    this.#keptAtSeconds = endSeconds;
    this.#isKeeping = true;
    this.#kept = this.#keep(JSON.stringify(checkpoint()))
      .catch((error: unknown) => this.#stopAt(endSeconds, error))
      .finally(() => (this.#isKeeping = false));
  }

  /**
   * Writes the summary, whole or not at all, and closes the run.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
   */
  finish(summary: Summary): void {
    this.close();
    writeWhole(join(this.directory, RUN_FILES.summary), json(summary));
    rmSync(join(this.directory, RUN_FILES.checkpoint), { force: true });
  }

  /** Leaves a run without a summary: what was appended stays readable. Harmless after `finish`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#log.close();
    this.#events?.close();
  }

  /** Resolves when nothing of this writer is at work in the run's directory any more; after `close`. */
  settled(): Promise<void> {
    return this.#kept;
  }

  async #keep(text: string): Promise<void> {
    await this.#log.sync();
    await replaceWhole(join(this.directory, RUN_FILES.checkpoint), text, () => !this.#isClosed);
  }

  #record(atSeconds: number, work: () => void): void {
    if (this.#stop !== null) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      this.#stopAt(atSeconds, error);
    }
  }

  #stopAt(atSeconds: number, error: unknown): void {
    if (this.#stop !== null || this.#isClosed) return;
    const why =
      error instanceof OperatingError
        ? error.message
        : storeError(`Cannot write ${this.directory}: ${describeSystemError(error)}`).message;
    this.#stop = { atSeconds, why };
    this.#options.stopped?.(this.#stop);
  }
}

/** What is left of the run's room when its other files are in it. */
function logLimits({ profile }: Manifest): { bytes: number } {
  return { bytes: profile.record.maxDiskBytes - OTHER_FILES_BYTES };
}

/** The numbers of every metric that has values. */
function numbersOf(histograms: HistogramSet | undefined): IntervalLine['histograms'] {
  const numbers: IntervalLine['histograms'] = {};
  for (const [metric, histogram] of histograms?.recorded() ?? []) {
    const summary = intervalHistogram(histogram);
    if (summary !== null) numbers[metric] = summary;
  }
  return numbers;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** How often everything is made to be on the disk, should the power fail. */
const KEEP_SECONDS = 10;
/** Manifest, profile, summary and two checkpoints take less. */
const OTHER_FILES_BYTES = 256 * 1024;
