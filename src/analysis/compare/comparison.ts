import type { Estimate } from '../statistics/order-statistics.ts';
import type { CompareMetric, MetricName } from './metrics.ts';

/** Raised when a key of a comparison's JSON changes its meaning. */
export const COMPARISON_VERSION = 1;

/** How two releases compare: what `tidemark compare --json` prints. A is what is compared with, B what is judged. */
export interface Comparison {
  version: typeof COMPARISON_VERSION;
  name: string;
  verdict: ComparisonVerdict;
  design: ComparisonDesign;
  a: SideFacts;
  b: SideFacts;
  metrics: MetricResult[];
  /** How the response time changed at each quantile; none where too little is known. */
  shift: ShiftPoint[];
  /** Runs that were measured and do not count, with the reason. */
  leftOut: { run: string; side: Side; reason: string }[];
  /** In what the runs differ that should be equal; only with `--force`. */
  differences: string[];
  /** What a reader must know to read the numbers right, in sentences. */
  notes: string[];
}

export type Side = 'a' | 'b';

export interface ComparisonVerdict {
  /** Of the gating metrics together. */
  word: VerdictWord | 'invalid';
  reasons: string[];
  /** Whether it may fail a build: unpaired runs may not unless asked. */
  gates: boolean;
  /** Ended by a signal before all pairs were measured. */
  interrupted: boolean;
}

/** What is said of one metric. */
export type VerdictWord = 'same' | 'better' | 'worse' | 'inconclusive';

/** By which rules it was judged. */
export interface ComparisonDesign {
  /** `paired`: runs of A and B took turns, so that what drifts meets both; else they were measured apart. */
  kind: 'paired' | 'unpaired';
  /** Pairs, or runs of the side with fewer, that were to be measured, that were, and that count. */
  planned: number;
  measured: number;
  used: number;
  /** Of all gating metrics together, and of each after Bonferroni's correction. */
  confidence: number;
  metricConfidence: number;
  /** The smallest relative change that matters, and the smallest difference of `bad.ratio`. */
  delta: number;
  deltaBad: number;
  gate: MetricName[];
}

export interface SideFacts {
  /** The target or the command, or the label of its runs. */
  what: string;
  /** Ids of the runs that count, in the order of their start. */
  runs: string[];
}

/** One metric of both sides. */
export interface MetricResult extends Pick<CompareMetric, 'name' | 'scale' | 'better' | 'unit'> {
  /** Whether the verdict rests on it. */
  gate: boolean;
  /** Medians of the runs' values; null where a run has none. */
  a: number | null;
  b: number | null;
  /**
   * B against A: a share (0.05 is 5% more) on the scale `ratio`, B - A otherwise. Bounds are null where so few runs give
   * none. Null where it cannot be told at all.
   */
  change: ChangeEstimate | null;
  /** Null where it cannot be judged. */
  verdict: VerdictWord | null;
  /** Why it is inconclusive or cannot be judged; null otherwise. */
  reason: string | null;
  /** Of an inconclusive one, how many pairs would settle it in 80 of 100 comparisons; null where more than are offered. */
  pairsToSettle: number | null;
}

export interface ChangeEstimate {
  value: number;
  low: number | null;
  high: number | null;
}

/** The response time at one quantile. */
export interface ShiftPoint {
  quantile: number;
  /** Medians of the runs' values, in microseconds. */
  aUs: number;
  bUs: number;
  /** B against A as a share, with its interval. */
  change: ChangeEstimate;
}

/** By which rules runs are compared. */
export interface CompareRules {
  confidence: number;
  delta: number;
  deltaBad: number;
  gate: readonly MetricName[];
  /** Whether unpaired runs may fail a build. */
  gateUnpaired: boolean;
  /** Of the simulation of how many pairs would settle it. */
  seed: number;
}

/** What a metric is judged at, so that all gating ones together keep the confidence asked for (Bonferroni). */
export function metricConfidence({ confidence, gate }: Pick<CompareRules, 'confidence' | 'gate'>): number {
  return 1 - (1 - confidence) / Math.max(1, gate.length);
}

/** An estimate for JSON, in which there is no infinity. */
export function changeOf({ value, low, high }: Estimate): ChangeEstimate {
  const bound = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);
  return { value, low: bound(low), high: bound(high) };
}
