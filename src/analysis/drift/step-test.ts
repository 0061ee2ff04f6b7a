import type { Random } from '../../base/random.ts';
import type { Batches, Center } from './batches.ts';
import {
  batchCorrelation,
  boundsInflation,
  lagOneCorrelation,
  preWhiten,
  intervalCorrelation,
  wanderingProbability,
} from './correlation.ts';
import { eDivisive } from './e-divisive.ts';
import { median, pairwiseEstimate, robustDeviation, type Estimate } from '../statistics/order-statistics.ts';

/** A series that changes its level at one moment. */
export interface StepResult {
  /** Null where neighbouring intervals are too much alike for a run of this length. */
  p: number | null;
  /** Index of the first interval at the new level. */
  row: number;
  change: Estimate;
  /** Before the change. */
  level: number;
  /** Mean distance of the batches from the two levels. */
  misfit: number;
}

/** A series and its batches, in which a step is looked for. */
export interface StepQuestion {
  values: Float64Array;
  batches: Batches;
  confidence: number;
  random: Random;
  center: Center;
}

/**
 * Tests a series for a step by its batch medians: E-divisive, which the pre-whitened medians must confirm. Null where all
 * batches are equal.
 */
export function testStep({ values, batches, confidence, random, center }: StepQuestion): StepResult | null {
  const raw = eDivisive(batches.values, random);
  const { split } = raw;
  if (split === 0) return null;
  const before = batches.values.subarray(0, split);
  const after = batches.values.subarray(split);
  const levels = [median(before), median(after)] as const;
  const residuals = batches.values.map((value, i) => value - levels[i < split ? 0 : 1]);
  const edge = Math.round(split * batches.length);
  const steps = (row: number): number => levels[row < edge ? 0 : 1];
  const ofIntervals = intervalCorrelation(values, steps);
  const middle = median(batches.values);
  const share = split / batches.values.length;
  const wandering = wanderingProbability({
    deviation: Math.abs(levels[1] - levels[0]) * Math.sqrt(share * (1 - share)),
    residual: robustDeviation(values, steps),
    length: values.length,
    r: ofIntervals,
    rWithout: intervalCorrelation(values, () => middle),
  });
  const r = Math.max(lagOneCorrelation(residuals, 2), batchCorrelation(ofIntervals, batches.length));
  // Where the plain test has nothing, the pre-whitened one cannot make it a finding.
  const p =
    raw.p > CONFIRMED_P || r === 0
      ? raw.p
      : Math.max(raw.p, eDivisive(preWhiten(batches.values, r), random).p);
  return {
    // The split was chosen among as many as there are batches.
    p: wandering === null ? null : Math.min(1, Math.max(p, wandering * batches.values.length)),
    row: stepRow({ values, levels, center }, edge, Math.ceil(batches.length)),
    change: shift(before, after, confidence, boundsInflation(r)),
    level: levels[0],
    misfit: residuals.reduce((sum, residual) => sum + Math.abs(residual), 0) / residuals.length,
  };
}

/** Hodges and Lehmann's shift: the median of all differences between an after and a before. */
function shift(before: Float64Array, after: Float64Array, confidence: number, inflation: number): Estimate {
  const differences = new Float64Array(before.length * after.length);
  let pair = 0;
  for (const later of after) for (const earlier of before) differences[pair++] = later - earlier;
  return pairwiseEstimate(differences, { groups: [before.length, after.length], confidence, inflation });
}

interface Levels {
  values: Float64Array;
  levels: readonly [before: number, after: number];
  center: Center;
}

/**
 * The interval with which the new level began: within a batch of `edge`, where the two levels fit best, by distances for
 * medians and by squares for means.
 */
function stepRow({ values, levels, center }: Levels, edge: number, reach: number): number {
  const [before, after] = levels;
  const power = center === 'mean' ? 2 : 1;
  const first = Math.max(0, edge - reach);
  const last = Math.min(values.length, edge + reach);
  let sum = 0;
  let best = 0;
  let row = first;
  for (let i = first; i < last; i++) {
    const value = values[i]!;
    // What it costs to take this interval for one of the old level.
    if (!Number.isNaN(value)) sum += Math.abs(value - before) ** power - Math.abs(value - after) ** power;
    if (sum < best) {
      best = sum;
      row = i + 1;
    }
  }
  return Math.min(row, values.length - 1);
}

const CONFIRMED_P = 0.01;
