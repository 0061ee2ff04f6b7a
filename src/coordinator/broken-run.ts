import { statSync } from 'node:fs';
import { join } from 'node:path';
import { addCounterValues, COUNTER, newCounters } from '../measure/counters.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import { METRICS } from '../measure/metric.ts';
import { readCheckpoint } from '../store/checkpoint.ts';
import { widthOf } from '../store/eras.ts';
import type { Health } from '../store/health-summary.ts';
import { readHistogramLogFrom } from '../store/histogram-log.ts';
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
import { summarize } from './summarize.ts';
import { intervalFigures } from './threshold/interval-figures.ts';
import { ThresholdJudge } from './threshold/threshold-judge.ts';

/** What is stored of a run that broke off, or still goes on. */
interface BrokenRun {
  directory: string;
  manifest: Manifest;
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
 * Reads a run that has no summary, and adds up what it had come to: the last checkpoint and the intervals after it.
 * Histograms are exact up to the checkpoint, and true to three digits after it.
 * @param accounts fresh ones of the run's profile, which take what there is
 * @throws {OperatingError} when there is no such run, or a file is damaged (ERR_STORE)
 */
function readBrokenRun(directory: string, accounts: RunAccounts): BrokenRun {
  const manifest = readManifest(directory);
  const checkpoint = readCheckpoint(directory);
  if (checkpoint !== null) restoreCheckpoint(checkpoint, accounts);
  const path = join(directory, RUN_FILES.intervals);
  const run: BrokenRun = {
    directory,
    manifest,
    lastIndex: -1,
    endSeconds: 0,
    runSeconds: 0,
    gaps: [],
    widths: [],
    storedAt: onDisk('Cannot read', path, () => statSync(path)).mtime,
  };
  const tail: IntervalLine[] = [];
  for (const line of readRecordLines(path)) {
    if ('gap' in line) run.gaps.push(line.gap);
    else {
      take(run, line.interval);
      if (line.interval.index > (checkpoint?.index ?? -1)) tail.push(line.interval);
    }
  }
  addTail(join(directory, RUN_FILES.histograms), tail, accounts);
  accounts.totals.endUs = run.runSeconds * 1e6;
  return run;
}

/** What a run that broke off had come to by its last interval, in the form of a run that ended. */
export function summarizeBrokenRun(directory: string): Summary {
  const { profile } = readManifest(directory);
  const accounts: RunAccounts = {
    totals: new RunTotals(0),
    health: new HealthMonitor({
      health: profile.health,
      sending: sendingPlan([], 'node'),
    }),
    thresholds: new ThresholdJudge([]),
  };
  const run = readBrokenRun(directory, accounts);
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
  return { score: soundShare, signals: [], intervals, cpuSeconds: null, headroom: null };
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

/** Adds intervals that are stored and in no checkpoint. */
function addTail(path: string, tail: readonly IntervalLine[], accounts: RunAccounts): void {
  const [first] = tail;
  if (first === undefined) return;
  const logged = readHistogramLogFrom(path, first.startSeconds);
  let next = logged.next();
  for (const line of tail) {
    const histograms = new HistogramSet();
    while (next.done !== true && next.value.startSeconds < line.endSeconds - ROUNDING_SECONDS) {
      const { tag, encoded } = next.value;
      const metric = METRICS.find((name) => name === tag);
      if (metric !== undefined) histograms.addEncoded(metric, encoded);
      next = logged.next();
    }
    addInterval(line, histograms, accounts);
  }
  logged.return(undefined);
}

function addInterval(
  line: IntervalLine,
  histograms: HistogramSet,
  { totals, health, thresholds }: RunAccounts,
): void {
  const counters = newCounters();
  addCounterValues(counters, line.counters);
  // The gauge goes to what it is now, from what the intervals before it made of it.
  counters[COUNTER.openNow] = line.gauges.openNow - (totals.counters[COUNTER.openNow] ?? 0);
  const soFar = newCounters();
  soFar[COUNTER.openNow] = line.gauges.openNow;
  const figures = { counters, totals: soFar, openMax: line.gauges.openNow, histograms };
  const interval: MergedInterval = {
    ...figures,
    index: line.index,
    startUs: line.startSeconds * 1e6,
    endUs: line.endSeconds * 1e6,
    phase: line.phase,
    loops: new Map(),
    health: line.health ?? null,
    cohorts: [],
  };
  totals.addInterval(interval);
  totals.intervals += (line.merged ?? 1) - 1;
  if (line.health !== undefined) health.recount(line.health, interval.endUs - interval.startUs);
  thresholds.addInterval(() => intervalFigures(interval));
}

/** Times of the histogram log are rounded to milliseconds. */
const ROUNDING_SECONDS = 0.001;
