import type { Summary } from '../../store/summary.ts';

/** A figure of a run that two releases are compared by. */
export interface CompareMetric {
  name: MetricName;
  /** `ratio`: by the logarithm of B / A; `difference`: by B - A, since it may be 0. */
  scale: 'ratio' | 'difference';
  better: 'lower' | 'higher';
  unit: 'us' | 'perSecond' | 'share';
  /** Which quantile of its values it is; null for other figures. */
  quantile: number | null;
  /** Null where the run has none. */
  read: (summary: Summary) => number | null;
}

export const METRIC_NAMES = [
  'response.p50',
  'response.p90',
  'response.p99',
  'response.p99.9',
  'throughput.frames',
  'bad.ratio',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** Every figure, in the order of tables. */
export const COMPARE_METRICS: readonly CompareMetric[] = [
  quantile('response.p50', 0.5, ({ p50 }) => p50),
  quantile('response.p90', 0.9, ({ p90 }) => p90),
  quantile('response.p99', 0.99, ({ p99 }) => p99),
  quantile('response.p99.9', 0.999, ({ p999 }) => p999),
  {
    name: 'throughput.frames',
    scale: 'ratio',
    better: 'higher',
    unit: 'perSecond',
    quantile: null,
    read: ({ throughput }) => (throughput.framesPerSecond > 0 ? throughput.framesPerSecond : null),
  },
  { name: 'bad.ratio', scale: 'difference', better: 'lower', unit: 'share', quantile: null, read: badRatio },
];

/**
 * Of all that was due and came to an end (dials, sessions, frames) how much ended badly: failed dials, sessions that the plan
 * did not end, frames lost, corrupt, or unsent for want of a connection or of room. What failed for want of the generator's own
 * means is on neither side. `ended` is what that is of.
 */
export function badCounts({ dials, sessions, frames }: Summary): { bad: number; ended: number } {
  const badDials = dials.refused + dials.timedOut + dials.unreachable + dials.reset + dials.other;
  const badSessions = Object.entries(sessions).reduce(
    (sum, [outcome, count]) => sum + (NOT_BAD.has(outcome) ? 0 : count),
    0,
  );
  const { backpressure, connecting, ended: ofEnded } = frames.unsentBy;
  const badFrames = frames.lost + frames.corrupt + backpressure + connecting + ofEnded;
  const bad = badDials + badSessions + badFrames;
  const good = dials.connected + (sessions['closed-by-plan'] ?? 0) + frames.matched + frames.oneWay;
  return { bad, ended: bad + good };
}

function badRatio(summary: Summary): number | null {
  const { bad, ended } = badCounts(summary);
  return ended === 0 ? null : bad / ended;
}

const NOT_BAD: ReadonlySet<string> = new Set(['closed-by-plan', 'local-error']);

type Percentiles = Summary['histograms']['response'];

function quantile(
  name: MetricName,
  level: number,
  of: (percentiles: Percentiles) => number | null,
): CompareMetric {
  const read = (summary: Summary): number | null => {
    const us = of(summary.histograms.response);
    // A time below a microsecond has no logarithm.
    return us === null ? null : Math.max(1, us);
  };
  return { name, scale: 'ratio', better: 'lower', unit: 'us', quantile: level, read };
}
