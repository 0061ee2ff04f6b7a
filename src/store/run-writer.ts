import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HistogramSet } from '../measure/histogram-set.ts';
import { formatProfile } from '../profile/format-profile.ts';
import { AppendFile } from './append-file.ts';
import { formatHistogramLogHeader, formatHistogramLogLine } from './histogram-log.ts';
import {
  formatIntervalLine,
  intervalHistogram,
  type CohortLine,
  type IntervalCounts,
  type IntervalLine,
} from './interval-line.ts';
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
   * Appends one interval to both logs; `histograms` holds its values, `cohorts` those of its cohorts by name. In the
   * histogram log a cohort's metric is tagged `name:metric`; a single cohort is the whole and has no tags of its own.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
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
    if (log !== '') this.#histograms.append(log);
    const lines = Object.entries(counts).map(([name, cohort]): [string, CohortLine] => [
      name,
      { ...cohort, histograms: numbersOf(cohorts.get(name)) },
    ]);
    this.#intervals.append(
      formatIntervalLine({
        ...interval,
        histograms: numbersOf(histograms),
        ...(lines.length === 0 ? {} : { cohorts: Object.fromEntries(lines) }),
      }),
    );
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

/** The numbers of every metric that has values. */
function numbersOf(histograms: HistogramSet | undefined): IntervalLine['histograms'] {
  const numbers: IntervalLine['histograms'] = {};
  for (const [metric, histogram] of histograms?.recorded() ?? []) {
    const summary = intervalHistogram(histogram);
    if (summary !== null) numbers[metric] = summary;
  }
  return numbers;
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
