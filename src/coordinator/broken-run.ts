import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cohortPlans } from '../profile/cohorts.ts';
import { readCheckpoint, type Checkpoint } from '../store/checkpoint.ts';
import { widthOf } from '../store/eras.ts';
import type { Health } from '../store/health-summary.ts';
import { readRecordLines, type Gap, type IntervalLine } from '../store/interval-line.ts';
import type { Manifest } from '../store/manifest.ts';
import type { StoredWidth } from '../store/record-facts.ts';
import { RUN_FILES } from '../store/run-files.ts';
import { readManifest, readRunEvents } from '../store/run-store.ts';
import { onDisk } from '../store/store-error.ts';
import type { Summary } from '../store/summary.ts';
import { restoreCheckpoint, type RunAccounts } from './checkpoint.ts';
import { HealthMonitor } from './health/health-monitor.ts';
import { sendingPlan } from './health/run-health.ts';
import type { MergedInterval } from './interval-merger.ts';
import { recordNotes } from './record-notes.ts';
import { RunTotals } from './run-totals.ts';
import { storedIntervals } from './stored-intervals.ts';
import { summarize } from './summarize.ts';
import { figuresOf } from './threshold/interval-figures.ts';
import { ThresholdJudge } from './threshold/threshold-judge.ts';

/** What is stored of a run that broke off, or still goes on. */
export interface BrokenRun {
  directory: string;
  manifest: Manifest;
  /** Null where it broke off before the first one. */
  checkpoint: Checkpoint | null;
  /** The intervals after it. */
  tail: IntervalLine[];
  /** Of its last interval; -1 where there is none. */
  lastIndex: number;
  /** Where its last interval ends, since the run's start. */
  endSeconds: number;
  /** How much of the run's own time that was, gaps left out. */
  runSeconds: number;
  gaps: Gap[];
  widths: StoredWidth[];
  /** When its last interval was stored, by the wall clock. */
  storedAt: Date;
}

/**
 * Reads what is stored of a run that has no summary.
 * @throws {OperatingError} when there is no such run, or a file is damaged (ERR_STORE)
 */
export function readBrokenRun(directory: string): BrokenRun {
  const path = join(directory, RUN_FILES.intervals);
  const run: BrokenRun = {
    directory,
    manifest: readManifest(directory),
    checkpoint: readCheckpoint(directory),
    tail: [],
    lastIndex: -1,
    endSeconds: 0,
    runSeconds: 0,
    gaps: [],
    widths: [],
    storedAt: onDisk('Cannot read', path, () => statSync(path)).mtime,
  };
  const from = run.checkpoint?.index ?? -1;
  for (const line of readRecordLines(path)) {
    if ('gap' in line) run.gaps.push(line.gap);
    else {
      take(run, line.interval);
      if (line.interval.index > from) run.tail.push(line.interval);
    }
  }
  return run;
}

/**
 * Adds up what a run had come to when it broke off: its last checkpoint and the intervals after it. Times are exact up
 * to the checkpoint, and true to three digits after it.
 * @param accounts fresh ones of the run's profile
 * @throws {OperatingError} when the histogram log is damaged (ERR_STORE)
 */
export function restoreAccounts(run: BrokenRun, accounts: RunAccounts): void {
  if (run.checkpoint !== null) restoreCheckpoint(run.checkpoint, accounts);
  const log = join(run.directory, RUN_FILES.histograms);
  const intervals = storedIntervals(log, run.tail, accounts.totals);
  for (const [interval, line] of intervals) addStored(interval, line, accounts);
  accounts.totals.endUs = run.endSeconds * 1e6;
}

/** What a run that broke off had come to by its last interval, in the form of a run that ended. */
export function summarizeBrokenRun(directory: string): Summary {
  const { profile } = readManifest(directory);
  const accounts: RunAccounts = {
    totals: new RunTotals(
      0,
      cohortPlans(profile).map(({ name }) => name),
    ),
    health: new HealthMonitor({
      health: profile.health,
      sending: sendingPlan([], 'node'),
      thresholds: false,
    }),
    thresholds: new ThresholdJudge([]),
  };
  const run = readBrokenRun(directory);
  restoreAccounts(run, accounts);
  const record = { widths: run.widths, gaps: run.gaps, stopped: null };
  const summary = summarize({
    manifest: run.manifest,
    totals: accounts.totals,
    addresses: [],
    endedEarly: describeBreak(run),
    interrupted: false,
    notes: recordNotes(record),
    record,
    health: { health: healthSoFar(accounts.health), reason: null },
    thresholds: accounts.thresholds,
  });
  summary.run.brokeOff = { atSeconds: run.endSeconds, storedAt: run.storedAt.toISOString() };
  summary.verdict.ok = false;
  summary.verdict.reasons.unshift('it did not come to its end, so its thresholds are not judged');
  summary.events = readRunEvents(directory);
  return summary;
}

function describeBreak({ endSeconds, storedAt }: BrokenRun): string {
  return (
    `it broke off, or still goes on: its last interval ends ${endSeconds.toFixed(1)}s after its start and was stored ` +
    `at ${storedAt.toISOString()}`
  );
}

function healthSoFar(monitor: HealthMonitor): Health {
  const { soundShare, intervals } = monitor;
  return { score: soundShare, signals: [], intervals, cpuSeconds: null, workers: [], headroom: null };
}

function take(run: BrokenRun, interval: IntervalLine): void {
  const { startSeconds, endSeconds, index, merged } = interval;
  const before = run.widths.at(-1);
  const widthSeconds = Math.min(widthOf(endSeconds - startSeconds), before?.widthSeconds ?? Infinity);
  if (before?.widthSeconds === widthSeconds) {
    before.toSeconds = endSeconds;
    before.intervals++;
  } else run.widths.push({ fromSeconds: startSeconds, toSeconds: endSeconds, widthSeconds, intervals: 1 });
  run.lastIndex = index + (merged ?? 1) - 1;
  run.endSeconds = endSeconds;
  run.runSeconds += endSeconds - startSeconds;
}

function addStored(
  interval: MergedInterval,
  line: IntervalLine,
  { totals, health, thresholds }: RunAccounts,
): void {
  totals.addInterval(interval);
  totals.intervals += (line.merged ?? 1) - 1;
  if (line.health !== undefined) health.recount(line.health, interval.endUs - interval.startUs);
  thresholds.addInterval(figuresOf(interval, totals.names));
}
