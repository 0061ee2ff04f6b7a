import type { Batches } from './batches.ts';
import {
  batchCorrelation,
  boundsInflation,
  lagOneCorrelation,
  preWhiten,
  intervalCorrelation,
  wanderingProbability,
} from './correlation.ts';
import { mannKendall, theilSen } from './mann-kendall.ts';
import { median, robustDeviation, type Estimate } from '../statistics/order-statistics.ts';

/** A series that rises or falls throughout. */
export interface TrendResult {
  /** Null where neighbouring intervals are too much alike for a run of this length. */
  p: number | null;
  /** Units of the series a second. */
  slope: Estimate;
  /** From the first to the last batch. */
  change: Estimate;
  /** What the change is held against: the median. */
  level: number;
  /** Mean distance of the batches from the line. */
  misfit: number;
}

/**
 * Tests a series for a trend by its batch medians: Mann and Kendall's test, which the pre-whitened medians must confirm. How
 * alike neighbouring batches are is taken from the medians about the line, and from the intervals themselves, whichever says
 * more: twelve medians alone tell it badly. Where they are very much alike the trend must also stand out from wandering.
 */
export function testTrend(
  times: Float64Array,
  values: Float64Array,
  batches: Batches,
  confidence: number,
): TrendResult {
  const slopeAlone = theilSen(batches.times, batches.values, { confidence, inflation: 1 }).value;
  const residuals = batches.values.map((value, i) => value - slopeAlone * batches.times[i]!);
  const offset = median(residuals);
  const line = (row: number): number => offset + slopeAlone * times[row]!;
  const ofIntervals = intervalCorrelation(values, line);
  const wandering = wanderingProbability({
    deviation: (Math.abs(slopeAlone) * (times.at(-1)! - times[0]!)) / Math.sqrt(12),
    residual: robustDeviation(values, line),
    length: values.length,
    r: ofIntervals,
  });
  const r = Math.max(lagOneCorrelation(residuals, 2), batchCorrelation(ofIntervals, batches.length));
  const raw = mannKendall(batches.values).p;
  const white = mannKendall(preWhiten(batches.values, r)).p;
  const slope = theilSen(batches.times, batches.values, { confidence, inflation: boundsInflation(r) });
  const span = batches.times.at(-1)! - batches.times[0]!;
  return {
    p: wandering === null ? null : Math.max(raw, white, wandering),
    slope,
    change: { value: slope.value * span, low: slope.low * span, high: slope.high * span },
    level: median(batches.values),
    misfit: residuals.reduce((sum, residual) => sum + Math.abs(residual - offset), 0) / residuals.length,
  };
}
