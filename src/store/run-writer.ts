import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HistogramSet } from '../measure/histogram-set.ts';
import { formatProfile } from '../profile/format-profile.ts';
import { AppendFile } from './append-file.ts';
import { formatHistogramLogHeader, formatHistogramLogLine } from './histogram-log.ts';
import { formatIntervalLine, intervalHistogram, type IntervalLine } from './interval-line.ts';
import type { Manifest } from './manifest.ts';
import type { RunEvent } from './run-event.ts';
import { RUN_FILES } from './run-files.ts';
import { onDisk } from './store-error.ts';
import type { Summary } from './summary.ts';

/**
 * Makes the directory of a run below `outDir`, with its manifest and its profile in it.
 * @throws {OperatingError} when it cannot be made or written, naming path and errno (ERR_STORE)
 */
export function createRun(outDir: string, manifest: Manifest): RunWriter {
  const directory = join(outDir, manifest.id);
  onDisk('Cannot create the directory for runs', outDir, () => makeDirectories(outDir));
  onDisk('Cannot create the directory of the run', directory, () => mkdirSync(directory));
  writeWhole(join(directory, RUN_FILES.manifest), json(manifest));
  writeWhole(join(directory, RUN_FILES.profile), formatProfile(manifest.profile));
  return new RunWriter(directory, new Date(manifest.startedAt));
}

/** Writes one run's directory, append-only until `finish`: a kill at any moment loses at most one interval. */
export class RunWriter {
  readonly directory: string;
  readonly #intervals: AppendFile;
  readonly #histograms: AppendFile;
  #events: AppendFile | null = null;

  /** Use `createRun`. */
  constructor(directory: string, startedAt: Date) {
    this.directory = directory;
    this.#intervals = new AppendFile(join(directory, RUN_FILES.intervals));
    this.#histograms = new AppendFile(join(directory, RUN_FILES.histograms));
    this.#histograms.append(formatHistogramLogHeader(startedAt));
  }

  /**
   * Appends one interval to both logs; `histograms` holds its values.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
   */
  append(interval: Omit<IntervalLine, 'histograms'>, histograms: HistogramSet): void {
    const line: IntervalLine = { ...interval, histograms: {} };
    const { startSeconds } = interval;
    const lengthSeconds = interval.endSeconds - startSeconds;
    let log = '';
    for (const [metric, histogram] of histograms.recorded()) {
      log += formatHistogramLogLine({ tag: metric, startSeconds, lengthSeconds }, histogram);
      const numbers = intervalHistogram(histogram);
      if (numbers !== null) line.histograms[metric] = numbers;
    }
    if (log !== '') this.#histograms.append(log);
    this.#intervals.append(formatIntervalLine(line));
  }

  /**
   * Appends something that a user asked of the run.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
   */
  appendEvent(event: RunEvent): void {
    this.#events ??= new AppendFile(join(this.directory, RUN_FILES.events));
    this.#events.append(`${JSON.stringify(event)}\n`);
  }

  /**
   * Writes the summary, whole or not at all, and closes the run.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
   */
  finish(summary: Summary): void {
    this.close();
    writeWhole(join(this.directory, RUN_FILES.summary), json(summary));
  }

  /** Leaves a run without a summary: what was appended stays readable. Harmless after `finish`. */
  close(): void {
    this.#intervals.close();
    this.#histograms.close();
    this.#events?.close();
  }
}

/**
 * Makes a directory and those above it that are missing. Node's own recursive form never returns where a file system
 * answers ENOENT for a directory whose parent exists, as /proc does.
 */
function makeDirectories(path: string): void {
  const parent = dirname(path);
  if (existsSync(path)) return;
  if (parent !== path) makeDirectories(parent);
  mkdirSync(path);
}

/** Writes beside the file and renames, so that a reader never sees half of it, not even after a power failure. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.unfinished`;
  onDisk('Cannot write', path, () => {
    const descriptor = openSync(unfinished, 'w');
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, path);
  });
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
