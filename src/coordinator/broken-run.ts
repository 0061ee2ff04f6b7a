import { statSync } from 'node:fs';
import { join } from 'node:path';
import { OperatingError } from '../base/errors.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { readCheckpoint, type Checkpoint } from '../store/checkpoint.ts';
import { widthOf } from '../store/eras.ts';
import type { Health } from '../store/health-summary.ts';
import {
  readTimedLines,
  type Gap,
  type IntervalLine,
  type IntervalTimes,
  type RecordLine,
  type TimedLine,
} from '../store/interval-line.ts';
import type { Manifest } from '../store/manifest.ts';
import type { StoredWidth } from '../store/record-facts.ts';
import { RUN_FILES } from '../store/run-files.ts';
import { readManifest, readRunEvents, type StoredEvents } from '../store/run-store.ts';
import { onDisk } from '../store/store-error.ts';
import type { Summary } from '../store/summary.ts';
import { clockNotes } from './clock-notes.ts';
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
  events: StoredEvents;
  widths: StoredWidth[];
  /** When its last interval was stored, by the wall clock. */
  storedAt: Date;
}

/**
 * Reads what is stored of a run that has no summary.
 * @param damaged is told of intervals that cannot be read, which are then left out. @default they are errors
 * @throws {OperatingError} when there is no such run, or another file is damaged (ERR_STORE)
 */
export function readBrokenRun(directory: string, damaged?: (why: string) => void): BrokenRun {
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
    events: readRunEvents(directory),
    widths: [],
    storedAt: onDisk('Cannot read', path, () => statSync(path)).mtime,
  };
  const from = run.checkpoint?.index ?? -1;
  for (const { times, read } of readTimedLines(path, damaged)) {
    if (times !== null && times.index <= from) take(run, times);
    else readWhole(run, read, damaged);
  }
  takeCheckpointed(run);
  return run;
}

/**
 * Adds up what a run had come to when it broke off: its last checkpoint and the intervals after it. Times are exact up
 * to the checkpoint, and true to three digits after it.
 * @param accounts fresh ones of the run's profile
 * @param damaged is told of histograms that cannot be read, which are then left out. @default they are errors
 * @throws {OperatingError} when the histogram log cannot be read (ERR_STORE)
 */
export function restoreAccounts(
  run: BrokenRun,
  accounts: RunAccounts,
  damaged?: (why: string) => void,
): void {
  if (run.checkpoint !== null) restoreCheckpoint(run.checkpoint, accounts);
  const log = join(run.directory, RUN_FILES.histograms);
  const intervals = storedIntervals(log, run.tail, accounts.totals, damaged);
  for (const [interval, line] of intervals) addStored(interval, line, accounts);
  accounts.totals.endUs = run.endSeconds * 1e6;
}

/**
 * What a run without a summary had come to by its last interval, in the form of a run that ended. What is damaged of
 * its logs is left out and said.
 * @param stillOn whether some process is at it
 */
export function summarizeBrokenRun(directory: string, stillOn: boolean): Summary {
  const { profile } = readManifest(directory);
  const accounts = accountsWithoutShards(profile);
  const damage: string[] = [];
  const run = readBrokenRun(directory, (why) => damage.push(why));
  restoreAccounts(run, accounts, (why) => damage.push(why));
  const record = { widths: run.widths, gaps: run.gaps, stopped: null };
  const summary = summarize({
    manifest: run.manifest,
    totals: accounts.totals,
    addresses: [],
    endedEarly: describeBreak(run, stillOn),
    interrupted: false,
    notes: [...damageNotes(damage), ...clockNotes(run.events.clocks), ...recordNotes(record)],
    record,
    events: run.events.commands,
    clockEvents: run.events.clocks,
    health: { health: healthSoFar(accounts.health), reason: null },
    thresholds: accounts.thresholds,
  });
  summary.run.brokeOff = { atSeconds: run.endSeconds, storedAt: run.storedAt.toISOString(), stillOn };
  summary.verdict.ok = false;
  summary.verdict.reasons.unshift(
    stillOn
      ? 'it still goes on, so its thresholds are not judged yet'
      : 'it did not come to its end, so its thresholds are not judged',
  );
  return summary;
}

function accountsWithoutShards(profile: Profile): RunAccounts {
  const names = cohortPlans(profile).map(({ name }) => name);
  const sending = sendingPlan([], 'node');
  return {
    totals: new RunTotals(0, names),
    health: new HealthMonitor({ health: profile.health, sending, thresholds: false }),
    thresholds: new ThresholdJudge([]),
  };
}

function describeBreak({ endSeconds, storedAt }: BrokenRun, stillOn: boolean): string {
  const what = stillOn ? 'it still goes on' : 'it broke off';
  return `${what}: its last interval ends ${endSeconds.toFixed(1)}s after its start and was stored at ${storedAt.toISOString()}`;
}

function damageNotes(damage: readonly string[]): string[] {
  const [first] = damage;
  if (first === undefined) return [];
  const more = damage.length === 1 ? '' : ` (and ${damage.length - 1} more)`;
  return [`what is damaged of its logs is left out, and may be missing from these numbers: ${first}${more}`];
}

function healthSoFar(monitor: HealthMonitor): Health {
  const { soundShare, intervals } = monitor;
  return { score: soundShare, signals: [], intervals, cpuSeconds: null, workers: [], headroom: null };
}

function take(run: BrokenRun, { startSeconds, endSeconds }: IntervalTimes): void {
  const before = run.widths.at(-1);
  const widthSeconds = Math.min(widthOf(endSeconds - startSeconds), before?.widthSeconds ?? Infinity);
  if (before?.widthSeconds === widthSeconds) {
    before.toSeconds = endSeconds;
    before.intervals++;
  } else run.widths.push({ fromSeconds: startSeconds, toSeconds: endSeconds, widthSeconds, intervals: 1 });
  run.endSeconds = endSeconds;
  run.runSeconds += endSeconds - startSeconds;
}

/** A gap, or an interval after the checkpoint. */
function readWhole(run: BrokenRun, read: TimedLine['read'], damaged?: (why: string) => void): void {
  let line: RecordLine;
  try {
    line = read();
  } catch (error) {
    if (damaged === undefined || !(error instanceof OperatingError)) throw error;
    damaged(error.message);
    return;
  }
  if ('gap' in line) return takeGap(run, line.gap);
  take(run, line.interval);
  run.lastIndex = line.interval.index + (line.interval.merged ?? 1) - 1;
  run.tail.push(line.interval);
}

/** Where only the intervals are not stored the run went on, and the next checkpoint has it. */
function takeGap(run: BrokenRun, gap: Gap): void {
  run.gaps.push(gap);
  if (gap.unstored !== true) return;
  run.runSeconds += gap.endSeconds - gap.startSeconds;
  run.endSeconds = gap.endSeconds;
}

/** A checkpoint that knows more than the intervals: they had not been stored for a while when it was made. */
function takeCheckpointed(run: BrokenRun): void {
  const { index = -1, endSeconds = 0 } = run.checkpoint ?? {};
  run.lastIndex = Math.max(run.lastIndex, index);
  if (endSeconds < run.endSeconds + ROUNDING_SECONDS) return;
  const open = { connectionsOpen: 0, framesInFlight: 0, dialsInProgress: 0 };
  const why = 'the disk had refused them';
  takeGap(run, { startSeconds: run.endSeconds, endSeconds, why, ...open, unstored: true });
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

/** Times of a run are stored to the microsecond. */
const ROUNDING_SECONDS = 1e-6;
