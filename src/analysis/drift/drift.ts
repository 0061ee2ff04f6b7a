import { Random } from '../../base/random.ts';
import type { IntervalLine } from '../../store/interval-line.ts';
import { batchesOf, type Rows } from './batches.ts';
import { discoveryBound } from './benjamini-hochberg.ts';
import { testCycle, type CycleResult } from './cycle-test.ts';
import { type Estimate } from '../statistics/order-statistics.ts';
import { SERIES, type Series, type SeriesUnit } from './series.ts';
import { collectSeries, type SeriesTable } from './series-table.ts';
import { testStep, type StepResult } from './step-test.ts';
import { testTrend, type TrendResult } from './trend-test.ts';

/** What became of every series in the course of a run. Times are in seconds since the run's start. */
export interface DriftAnalysis {
  /** Why nothing was judged; null when it was. */
  tooShort: string | null;
  startSeconds: number;
  endSeconds: number;
  /** Intervals that were looked at, those that the generator had spoiled, and how wide each is. */
  intervals: {
    used: number;
    spoiled: number;
    widthSeconds: number;
    /** Whether some are made of narrower ones, so that their percentiles are known approximately. */
    joined: boolean;
  };
  findings: DriftFinding[];
  /** Series that were checked and found quiet. */
  quiet: string[];
  notJudged: { series: string; reason: string }[];
}

export type DriftFinding = TrendFinding | StepFinding | CycleFinding;

interface FindingFacts {
  series: string;
  unit: SeriesUnit;
  /** When it began. */
  startSeconds: number;
  /** What the change is held against, in the unit of the series. */
  level: number;
  /** Probability of as much by chance, before the correction for the number of tests. */
  p: number;
}

/** A series that rises or falls. */
export interface TrendFinding extends FindingFacts {
  kind: 'trend';
  slopePerHour: Estimate;
  /** Over the whole run. */
  change: Estimate;
}

/** A series that changed its level at one moment. */
export interface StepFinding extends FindingFacts {
  kind: 'step';
  change: Estimate;
}

/** Stalls that come again and again. */
export interface CycleFinding extends FindingFacts, CycleResult {
  kind: 'cycle';
}

/**
 * Looks for drift in the intervals of a run: trends, steps and periodic stalls of every series. A finding must pass its
 * test beside all others (Benjamini and Hochberg at 1%), and be of some size: the change must not be shown to be smaller than
 * 10%, that is, the far end of its 99% confidence interval lies at 10% or more, and the near end on the same side of 0.
 */
export function analyzeDrift(lines: Iterable<IntervalLine>): DriftAnalysis {
  return analyzeTable(collectSeries(lines));
}

/** The same of series that are collected already. */
export function analyzeTable(table: SeriesTable): DriftAnalysis {
  const { rows, startSeconds, endSeconds, measured, spoiled } = table;
  const used = rows.times.length;
  const analysis: DriftAnalysis = {
    tooShort: null,
    startSeconds,
    endSeconds,
    intervals: { used, spoiled, widthSeconds: rows.widthSeconds, joined: table.seams.length > 0 },
    findings: [],
    quiet: [],
    notJudged: [],
  };
  if (used < INTERVALS_MIN) {
    analysis.tooShort =
      `too short to judge, at least ${INTERVALS_MIN} intervals are needed and this run has ${used}` +
      (spoiled > 0 ? ` besides ${spoiled} of ${measured} that the generator itself spoiled` : '');
    return analysis;
  }
  const judgements = SERIES.map((series, index) => judgeSeries(series, table, index));
  const ps = judgements.flatMap(({ trend, step, cycle }) =>
    [trend, step, cycle].flatMap((test) => (test === null || test.p === null ? [] : [test.p])),
  );
  const bound = discoveryBound(ps, FALSE_SHARE);
  for (const judgement of judgements) {
    const found = findingsOf(judgement, bound, table);
    analysis.findings.push(...found);
    if (judgement.reason !== null) {
      analysis.notJudged.push({ series: judgement.series.name, reason: judgement.reason });
    } else if (found.length === 0) analysis.quiet.push(judgement.series.name);
  }
  return analysis;
}

/** The tests of one series; null for those that could not be made. */
interface Judgement {
  series: Series;
  rows: Rows;
  /** Why none could be made; null when one could. */
  reason: string | null;
  trend: TrendResult | null;
  step: StepResult | null;
  cycle: CycleResult | null;
}

function judgeSeries(series: Series, table: SeriesTable, index: number): Judgement {
  const first = table.rows.times.findIndex((time) => time >= series.settleSeconds);
  const start = first < 0 ? table.rows.times.length : first;
  const rows = { times: table.rows.times.subarray(start), widthSeconds: table.rows.widthSeconds };
  const values = table.columns[index]!.subarray(start);
  const judgement: Judgement = { series, rows, reason: null, trend: null, step: null, cycle: null };
  const known = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  if (known === 0 && table.columns[index]!.every(Number.isNaN))
    return { ...judgement, reason: 'it has no values' };
  if (values.length < INTERVALS_MIN) {
    return {
      ...judgement,
      reason: `its first ${series.settleSeconds} s do not count, and too little is left`,
    };
  }
  const trendBatches = batchesOf(rows, values, TREND_BATCHES, series.center);
  const stepBatches = batchesOf(rows, values, STEP_BATCHES, series.center);
  if (trendBatches === null || stepBatches === null || known < INTERVALS_MIN) {
    return { ...judgement, reason: `only ${known} of ${values.length} intervals have values` };
  }
  judgement.trend = testTrend(rows.times, values, trendBatches, CONFIDENCE);
  const random = new Random(SEED, index);
  judgement.step = testStep({
    values,
    batches: stepBatches,
    confidence: CONFIDENCE,
    random,
    center: series.center,
  });
  if (series.stalls !== null) judgement.cycle = testCycle(rows, values, series.stalls);
  if (judgement.trend.p === null && (judgement.step?.p ?? null) === null && judgement.cycle === null) {
    judgement.reason = 'neighbouring intervals are too much alike to judge a run of this length';
  }
  return judgement;
}

/** At most one of trend and step, whichever fits better, and a cycle beside it. */
function findingsOf(judgement: Judgement, bound: number, table: SeriesTable): DriftFinding[] {
  const { series, rows, trend, step, cycle } = judgement;
  const facts = { series: series.name, unit: series.unit };
  const findings: DriftFinding[] = [];
  const isTrend = trend !== null && passes(trend.p, bound);
  const isStep = step !== null && passes(step.p, bound);
  if (isTrend && !(isStep && step.misfit < trend.misfit)) {
    const { p, level, change, slope } = trend;
    const slopePerHour = { value: slope.value * 3600, low: slope.low * 3600, high: slope.high * 3600 };
    if (isSizable(change, level, series)) {
      const startSeconds = rows.times[0]! - rows.widthSeconds / 2;
      findings.push({ kind: 'trend', ...facts, startSeconds, level, p: p ?? 1, slopePerHour, change });
    }
  } else if (isStep && isSizable(step.change, step.level, series) && !isAtSeam(step, judgement, table)) {
    const startSeconds = rows.times[step.row]! - rows.widthSeconds / 2;
    const { p, level, change } = step;
    findings.push({ kind: 'step', ...facts, startSeconds, level, p: p ?? 1, change });
  }
  if (
    cycle !== null &&
    passes(cycle.p, bound) &&
    isSizable(exact(cycle.peak - cycle.level), cycle.level, series)
  ) {
    findings.push({ ...cycle, ...facts, kind: 'cycle', startSeconds: firstStall(cycle, rows) });
  }
  return findings;
}

function passes(p: number | null, bound: number): boolean {
  return p !== null && p <= bound;
}

function isSizable(change: Estimate, level: number, { changeMin }: Series): boolean {
  const oneSided = change.low > 0 || change.high < 0;
  const far = Math.max(Math.abs(change.low), Math.abs(change.high));
  return oneSided && far >= SIZE_SHARE_MIN * Math.abs(level) && far >= changeMin;
}

function exact(value: number): Estimate {
  return { value, low: value, high: value };
}

/** The first time of the cycle that lies within the measured time. */
function firstStall({ phaseSeconds, periodSeconds }: CycleResult, rows: Rows): number {
  const turns = Math.ceil((rows.times[0]! - rows.widthSeconds / 2 - phaseSeconds) / periodSeconds);
  return phaseSeconds + turns * periodSeconds;
}

/** Whether a step lies where the width of the stored intervals changes, and with it the meaning of percentiles. */
function isAtSeam({ row }: StepResult, { rows }: Judgement, { rows: all, seams }: SeriesTable): boolean {
  const reach = Math.ceil(rows.times.length / STEP_BATCHES);
  return seams.some((seam) => Math.abs(seam - (row + all.times.length - rows.times.length)) <= reach);
}

const INTERVALS_MIN = 60;
const TREND_BATCHES = 12;
const STEP_BATCHES = 24;
/** Of runs without drift at most this share has a finding. */
const FALSE_SHARE = 0.01;
const CONFIDENCE = 0.99;
const SIZE_SHARE_MIN = 0.1;
/** Of the permutations: the same run is always judged alike. */
const SEED = 5;
