import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { OperatingError } from '../base/errors.ts';
import { readHistogramLog, type HistogramLogInterval } from './histogram-log.ts';
import { readIntervalLines, type IntervalLine } from './interval-line.ts';
import { parseJson, readJsonFile } from './json-file.ts';
import type { Manifest } from './manifest.ts';
import type { ClockEvent, RunEvent } from './run-event.ts';
import { RUN_FILES } from './run-files.ts';
import { EVENT_SCHEMA, MANIFEST_SCHEMA, SUMMARY_SCHEMA } from './run-schema.ts';
import { onDisk, storeError } from './store-error.ts';
import type { Summary } from './summary.ts';
import { textLines } from './text-lines.ts';

/** A run that ended, as it was stored. */
export interface StoredRun {
  directory: string;
  manifest: Manifest;
  summary: Summary;
  /** Read from the file as they are asked for. */
  intervals(): Generator<IntervalLine>;
  /** A line a metric and interval; likewise. */
  histogramLog(): Generator<HistogramLogInterval>;
}

/**
 * Opens the run in `directory` and checks its manifest and summary; the logs are checked as they are read.
 * @throws {OperatingError} when there is no such run, it did not end, or a file is damaged (ERR_STORE)
 */
export function readRun(directory: string): StoredRun {
  const manifest = readManifest(directory);
  const intervals = join(directory, RUN_FILES.intervals);
  const summary = join(directory, RUN_FILES.summary);
  if (!existsSync(summary)) throw unfinishedError(directory, intervals);
  return {
    directory,
    manifest,
    summary: readJsonFile(summary, SUMMARY_SCHEMA),
    intervals: () => readIntervalLines(intervals),
    histogramLog: () => readHistogramLog(join(directory, RUN_FILES.histograms)),
  };
}

/**
 * The intervals of the run in `directory`, whether it has ended or not; they are checked as they are read.
 * @throws {OperatingError} when there is no such run (ERR_STORE)
 */
export function readIntervals(directory: string): Generator<IntervalLine> {
  requireRun(directory);
  return readIntervalLines(join(directory, RUN_FILES.intervals));
}

/**
 * The manifest of the run in `directory`, whether it ended or not.
 * @throws {OperatingError} when there is no such run, or the file is damaged (ERR_STORE)
 */
export function readManifest(directory: string): Manifest {
  requireRun(directory);
  return readJsonFile(join(directory, RUN_FILES.manifest), MANIFEST_SCHEMA);
}

/** Whether the run in `directory` has come to its end. */
export function hasEnded(directory: string): boolean {
  return existsSync(join(directory, RUN_FILES.summary));
}

/** What happened to a run beside its load, in the order in which it was noticed. */
export interface StoredEvents {
  /** What users asked of it. */
  commands: RunEvent[];
  /** What the machine's clocks did. */
  clocks: ClockEvent[];
}

/**
 * The events of the run in `directory`; a last line that a kill has torn is dropped.
 * @throws {OperatingError} naming file and line when one is damaged (ERR_STORE)
 */
export function readRunEvents(directory: string): StoredEvents {
  const path = join(directory, RUN_FILES.events);
  const events: StoredEvents = { commands: [], clocks: [] };
  if (!existsSync(path)) return events;
  for (const { whole, text, number } of textLines(path)) {
    if (!whole || text.trim() === '') continue;
    const event = parseJson(text, EVENT_SCHEMA, `${path}:${number}`);
    if ('clock' in event) events.clocks.push(event);
    else events.commands.push(event);
  }
  return events;
}

/** A run of a list; one that cannot be read is listed too, with the reason. */
export interface ListedRun {
  /** Name of its directory. */
  id: string;
  directory: string;
  /** `unfinished`: no summary, so it is still running or was killed. */
  state: 'finished' | 'unfinished' | 'damaged';
  /** Null when it cannot be read. */
  manifest: Manifest | null;
  /** Null unless it is finished. */
  summary: Summary | null;
  /** What is damaged; null when nothing is. */
  fault: string | null;
}

/**
 * The runs below `outDir`, latest first; none when it does not exist. Other directories are passed over.
 * @throws {OperatingError} when `outDir` cannot be read (ERR_STORE)
 */
export function listRuns(outDir: string): ListedRun[] {
  if (!existsSync(outDir)) return [];
  const names = onDisk('Cannot list the runs in', outDir, () => readdirSync(outDir));
  return names
    .map((name) => join(outDir, name))
    .filter((directory) => existsSync(join(directory, RUN_FILES.manifest)))
    .map(describeRun)
    .toSorted(laterFirst);
}

/**
 * The directory of the run a user means.
 * @param reference an id, a prefix that only one run has, the path of a run's directory, or `latest`
 * @throws {OperatingError} when it fits no run, or more than one (ERR_STORE)
 */
export function resolveRun(outDir: string, reference: string): string {
  if (reference.includes(sep)) return reference;
  const runs = listRuns(outDir);
  const chosen = reference === 'latest' ? runs[0] : runs.find(({ id }) => id === reference);
  if (chosen !== undefined) return chosen.directory;
  const matches = runs.filter(({ id }) => reference !== '' && id.startsWith(reference));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0].directory;
  if (matches.length > 1) throw ambiguousError(reference, matches);
  if (existsSync(join(reference, RUN_FILES.manifest))) return reference;
  throw storeError(
    `Cannot find run '${reference}': it must be an id, a unique prefix of one, a path or 'latest', ` +
      `and ${outDir} holds ${runs.length === 0 ? 'no runs' : `${runs.length} that 'tidemark runs' lists`}`,
  );
}

function requireRun(directory: string): void {
  const state = onDisk('Cannot read run', directory, () => statSync(directory, { throwIfNoEntry: false }));
  if (state === undefined) throw storeError(`Cannot read run ${directory}: there is no such directory`);
  if (!state.isDirectory() || !existsSync(join(directory, RUN_FILES.manifest))) {
    throw storeError(`Cannot read run ${directory}: a run is a directory with ${RUN_FILES.manifest} in it`);
  }
}

function unfinishedError(directory: string, intervals: string): OperatingError {
  let kept = 0;
  if (existsSync(intervals)) for (const _ of readIntervalLines(intervals)) kept += 1;
  return storeError(
    `Cannot report run ${basename(directory)}: it has no ${RUN_FILES.summary}, so it is still running or was ` +
      `stopped before it ended. Its ${kept} intervals are kept in ${intervals}`,
  );
}

function describeRun(directory: string): ListedRun {
  const run: ListedRun = {
    id: basename(directory),
    directory,
    state: 'unfinished',
    manifest: null,
    summary: null,
    fault: null,
  };
  try {
    run.manifest = readJsonFile(join(directory, RUN_FILES.manifest), MANIFEST_SCHEMA);
    const summary = join(directory, RUN_FILES.summary);
    if (existsSync(summary)) {
      run.summary = readJsonFile(summary, SUMMARY_SCHEMA);
      run.state = 'finished';
    }
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    run.state = 'damaged';
    run.fault = error.message;
  }
  return run;
}

/** Ids begin with the start time to the second; the manifest knows it to the millisecond. */
function laterFirst(a: ListedRun, b: ListedRun): number {
  const times = (b.manifest?.startedAt ?? b.id).localeCompare(a.manifest?.startedAt ?? a.id);
  return times === 0 ? b.id.localeCompare(a.id) : times;
}

/** Candidates that an error names. */
const CANDIDATES_NAMED_MAX = 5;

function ambiguousError(reference: string, matches: ListedRun[]): OperatingError {
  const named = matches.slice(0, CANDIDATES_NAMED_MAX).map(({ id }) => id);
  const further = matches.length - named.length;
  return storeError(
    `Cannot tell which run '${reference}' is: the prefix must fit one run only, and it fits ${matches.length}: ` +
      `${named.join(', ')}${further > 0 ? ` and ${further} more` : ''}`,
  );
}
