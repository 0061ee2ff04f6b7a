import { median, type Estimate } from '../statistics/order-statistics.ts';
import { hodgesLehmann } from '../statistics/signed-rank.ts';
import { shiftBetween } from '../statistics/mann-whitney.ts';
import { zeroEventsBound } from '../statistics/zero-events.ts';
import type { ComparedRun } from './compared-run.ts';
import { changeOf, metricConfidence, type CompareRules, type MetricResult } from './comparison.ts';
import { deltaOn, judgeChange } from './judge-change.ts';
import { badCounts, type CompareMetric } from './metrics.ts';
import { pairsToSettle } from './pairs-to-settle.ts';

/** Runs of both sides; of pairs, `a[i]` and `b[i]` took turns. */
export interface RunSides {
  kind: 'paired' | 'unpaired';
  a: readonly ComparedRun[];
  b: readonly ComparedRun[];
}

/** Estimates and judges one metric. */
export function compareMetric(metric: CompareMetric, sides: RunSides, rules: CompareRules): MetricResult {
  const { name, scale, better, unit } = metric;
  const a = valuesOf(metric, sides.a);
  const b = valuesOf(metric, sides.b);
  const result: MetricResult = {
    name,
    scale,
    better,
    unit,
    gate: rules.gate.includes(name),
    a: a === null ? null : median(Float64Array.from(a)),
    b: b === null ? null : median(Float64Array.from(b)),
    change: null,
    verdict: null,
    reason: null,
    pairsToSettle: null,
  };
  if (a === null || b === null) return { ...result, reason: 'some runs have no values' };
  const tooFew = tooFewValues(metric, [...sides.a, ...sides.b]);
  if (tooFew !== null) return { ...result, reason: tooFew };
  const [from, to] = scale === 'ratio' ? [a.map(Math.log), b.map(Math.log)] : [a, b];
  const confidence = metricConfidence(rules);
  const estimate = withoutEvents(name, sides, confidence) ?? estimateOf(sides.kind, from, to, confidence);
  const verdict = judgeChange(estimate, deltaOn(scale, rules), better);
  return {
    ...result,
    change: changeOf(scale === 'ratio' ? asShare(estimate) : estimate),
    verdict,
    reason: verdict === 'inconclusive' ? whyInconclusive(estimate) : null,
  };
}

/** How many pairs would settle a metric that is inconclusive, see `pairsToSettle`; null where that cannot be told. */
export function settleMetric(metric: CompareMetric, sides: RunSides, rules: CompareRules): number | null {
  const a = valuesOf(metric, sides.a);
  const b = valuesOf(metric, sides.b);
  if (sides.kind === 'unpaired' || a === null || b === null || a.length < 2) return null;
  const ofScale = (value: number): number => (metric.scale === 'ratio' ? Math.log(value) : value);
  const differences = a.map((value, pair) => ofScale(b[pair]!) - ofScale(value));
  const confidence = metricConfidence(rules);
  const center = hodgesLehmann(differences, confidence).value;
  const delta = deltaOn(metric.scale, rules);
  return pairsToSettle({ differences, center, delta, confidence, seed: rules.seed });
}

/** Null where a run has no value. */
function valuesOf({ read }: CompareMetric, runs: readonly ComparedRun[]): number[] | null {
  const values = runs.flatMap(({ summary }) => read(summary) ?? []);
  return values.length === runs.length && values.length > 0 ? values : null;
}

/** A quantile is told only where 100 values lie above it in each run: below that it is made of a few of them. */
function tooFewValues({ quantile }: CompareMetric, runs: readonly ComparedRun[]): string | null {
  if (quantile === null) return null;
  const fewest = Math.min(...runs.map(({ summary }) => summary.histograms.response.count));
  const needed = valuesNeeded(quantile);
  if (fewest >= needed) return null;
  return `needs ${needed.toLocaleString('en-US')} values in each run, the fewest are ${fewest.toLocaleString('en-US')}`;
}

/**
 * The values that a run must have for a quantile to be told of it: n (1 - q) >= 100.
 * @example valuesNeeded(0.99) // 10_000
 */
export function valuesNeeded(quantile: number): number {
  return Math.ceil(Number((VALUES_ABOVE_MIN / (1 - quantile)).toFixed(6)));
}

function estimateOf(
  kind: RunSides['kind'],
  a: readonly number[],
  b: readonly number[],
  confidence: number,
): Estimate {
  if (kind === 'unpaired') return shiftBetween(a, b, confidence);
  return hodgesLehmann(
    a.map((value, pair) => b[pair]! - value),
    confidence,
  );
}

/** Where no run of either side saw a bad end, each side's share may still be as high as the rule of three says. */
function withoutEvents(name: string, sides: RunSides, confidence: number): Estimate | null {
  if (name !== 'bad.ratio') return null;
  const [a, b] = [sides.a, sides.b].map((runs) => {
    const counts = runs.map(({ summary }) => badCounts(summary));
    const bad = counts.reduce((sum, count) => sum + count.bad, 0);
    const ended = counts.reduce((sum, count) => sum + count.ended, 0);
    return { bad, bound: zeroEventsBound(ended, 1 - (1 - confidence) / 2) };
  });
  if (a === undefined || b === undefined || a.bad + b.bad > 0) return null;
  return { value: 0, low: -a.bound, high: b.bound };
}

function whyInconclusive({ low, high }: Estimate): string {
  if (!Number.isFinite(low)) return 'too few runs for an interval';
  return low > 0 || high < 0
    ? 'there is a change, and it may be smaller than delta or larger'
    : 'the interval holds 0 and reaches beyond delta';
}

/** A difference of logarithms as a share: 0.0488 is 5% more. */
export function asShare({ value, low, high }: Estimate): Estimate {
  const shareOf = (log: number): number => (Number.isFinite(log) ? Math.expm1(log) : log);
  return { value: shareOf(value), low: shareOf(low), high: shareOf(high) };
}

const VALUES_ABOVE_MIN = 100;
