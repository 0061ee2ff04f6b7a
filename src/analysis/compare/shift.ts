import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import { hodgesLehmann } from '../statistics/signed-rank.ts';
import { shiftBetween } from '../statistics/mann-whitney.ts';
import { median, type Estimate } from '../statistics/order-statistics.ts';
import { asShare, valuesNeeded, type RunSides } from './compare-metric.ts';
import type { ComparedRun } from './compared-run.ts';
import { changeOf, type ShiftPoint } from './comparison.ts';

/**
 * The shift function: how much each quantile of the response time changed. A change of the median alone and one of the tail
 * alone look alike in a mean, and differ here. Each quantile is compared as a metric is, run by run, and with an interval of its
 * own at `confidence`; the intervals are not corrected for their number.
 * Source: K. Doksum, Ann. Stat. 2 (1974), 267; G. Rousselet et al., Eur. J. Neurosci. 46 (2017), 1738.
 */
export function shiftFunction(sides: RunSides, confidence: number): ShiftPoint[] {
  const runs = [...sides.a, ...sides.b];
  const fewest = Math.min(...runs.map(({ summary }) => summary.histograms.response.count));
  const intervals = runs.reduce((sum, { summary }) => sum + storedIntervals(summary), 0);
  const quantiles = (intervals > INTERVALS_DECODED_MAX ? STORED_QUANTILES : QUANTILES).filter(
    (quantile) => fewest >= valuesNeeded(quantile),
  );
  if (quantiles.length === 0) return [];
  const read = intervals > INTERVALS_DECODED_MAX ? storedQuantile : decodedQuantiles();
  return quantiles.map((quantile) => {
    const [a, b] = [sides.a, sides.b].map((side) => side.map((run) => read(run, quantile)));
    return pointOf(quantile, a ?? [], b ?? [], (from, to) =>
      sides.kind === 'paired'
        ? hodgesLehmann(
            from.map((value, pair) => to[pair]! - value),
            confidence,
          )
        : shiftBetween(from, to, confidence),
    );
  });
}

function pointOf(
  quantile: number,
  a: readonly number[],
  b: readonly number[],
  estimate: (a: readonly number[], b: readonly number[]) => Estimate,
): ShiftPoint {
  const change = changeOf(asShare(estimate(a.map(Math.log), b.map(Math.log))));
  return { quantile, aUs: median(Float64Array.from(a)), bUs: median(Float64Array.from(b)), change };
}

function storedIntervals({ record, intervals }: ComparedRun['summary']): number {
  const stored = record?.widths.reduce((sum, width) => sum + width.intervals, 0) ?? 0;
  return stored > 0 ? stored : intervals.count;
}

function storedQuantile({ summary }: ComparedRun, quantile: number): number {
  const { p50, p90, p99, p999 } = summary.histograms.response;
  const values = new Map([
    [0.5, p50],
    [0.9, p90],
    [0.99, p99],
    [0.999, p999],
  ]);
  return atLeastOne(values.get(quantile) ?? 0);
}

/** Quantiles of the merged intervals of each run, which are decoded once. */
function decodedQuantiles(): (run: ComparedRun, quantile: number) => number {
  const merged = new Map<ComparedRun, LatencyHistogram>();
  return (run, quantile) => {
    let whole = merged.get(run);
    if (whole === undefined) {
      whole = new LatencyHistogram();
      for (const histogram of run.responses()) whole.merge(histogram);
      merged.set(run, whole);
    }
    return atLeastOne(whole.percentileUs(quantile * 100) ?? 0);
  };
}

/** A time below a microsecond has no logarithm. */
function atLeastOne(us: number): number {
  return Math.max(1, us);
}

const QUANTILES: readonly number[] = [
  0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999,
];
/** Those that a summary has. */
const STORED_QUANTILES: readonly number[] = [0.5, 0.9, 0.99, 0.999];
/** Intervals of all runs whose histograms are decoded for the shift function; of longer runs the summaries' quantiles must do. */
const INTERVALS_DECODED_MAX = 8192;
