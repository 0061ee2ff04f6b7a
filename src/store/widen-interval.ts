import type { CounterName } from '../measure/counters.ts';
import type { HealthLevel, IntervalHealth } from './health-summary.ts';
import type { CohortLine, IntervalHistogram, IntervalLine } from './interval-line.ts';
import { METRICS, type Metric } from '../measure/metric.ts';

/**
 * Several intervals, one after the other and of one phase, as a single wider one. Counters add up, gauges are those of
 * the last, and the times are those of `histograms`, by metric, which come from the merged counts; count, mean, min and max
 * stay exact.
 */
export function widenIntervals(
  intervals: readonly IntervalLine[],
  histograms: ReadonlyMap<string, IntervalHistogram>,
): IntervalLine {
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (first === undefined || last === undefined) throw new Error('An interval is made of one at least');
  const health = widenHealth(intervals);
  return {
    ...last,
    index: first.index,
    merged: intervals.reduce((sum, { merged }) => sum + (merged ?? 1), 0),
    startSeconds: first.startSeconds,
    ...widenCounts(intervals, (metric) => histograms.get(metric)),
    ...(health === null ? {} : { health }),
    ...(last.cohorts === undefined ? {} : { cohorts: widenCohorts(intervals, histograms) }),
  };
}

/** A single cohort is the whole, and has no histograms of its own in the log. */
function widenCohorts(
  intervals: readonly IntervalLine[],
  histograms: ReadonlyMap<string, IntervalHistogram>,
): Record<string, CohortLine> {
  const names = Object.keys(intervals.at(-1)?.cohorts ?? {});
  const cohorts = names.map((name): [string, CohortLine] => {
    const lines = intervals.flatMap((interval) => interval.cohorts?.[name] ?? []);
    const prefix = names.length === 1 ? '' : `${name}:`;
    return [name, widenCounts(lines, (metric) => histograms.get(`${prefix}${metric}`))];
  });
  return Object.fromEntries(cohorts);
}

function widenCounts(
  lines: readonly CohortLine[],
  merged: (metric: Metric) => IntervalHistogram | undefined,
): CohortLine {
  return {
    counters: addAll(lines.map(({ counters }) => counters)),
    gauges: lines.at(-1)?.gauges ?? { openNow: 0 },
    histograms: widenHistograms(lines, merged),
  };
}

function addAll(all: readonly IntervalLine['counters'][]): IntervalLine['counters'] {
  const sums: Partial<Record<CounterName, number>> = {};
  for (const counters of all) {
    for (const [name, count] of Object.entries(counters)) {
      sums[name as CounterName] = (sums[name as CounterName] ?? 0) + count;
    }
  }
  return sums;
}

function widenHistograms(
  lines: readonly CohortLine[],
  merged: (metric: Metric) => IntervalHistogram | undefined,
): CohortLine['histograms'] {
  const histograms: IntervalLine['histograms'] = {};
  for (const metric of METRICS) {
    const parts = lines.flatMap((line) => line.histograms[metric] ?? []);
    const numbers = merged(metric);
    if (parts.length === 0 || numbers === undefined) continue;
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const mean = parts.reduce((sum, part) => sum + part.mean * part.count, 0) / count;
    const min = Math.min(...parts.map((part) => part.min));
    const max = Math.max(...parts.map((part) => part.max));
    const clamp = (value: number): number => Math.min(Math.max(value, min), max);
    const { p50, p90, p99, p999 } = numbers;
    histograms[metric] = {
      count,
      min,
      mean,
      p50: clamp(p50),
      p90: clamp(p90),
      p99: clamp(p99),
      p999: clamp(p999),
      max,
    };
  }
  return histograms;
}

/**
 * A second that was invalid does not condemn the minute that it has become a part of: the level is that of most of the
 * time, and warns where any of it was not ok. Signals are the largest.
 */
function widenHealth(intervals: readonly IntervalLine[]): IntervalHealth | null {
  const signals: Record<string, number> = {};
  const [warned, invalid] = [new Set<string>(), new Set<string>()];
  let [judgedSeconds, invalidSeconds] = [0, 0];
  for (const { health, startSeconds, endSeconds } of intervals) {
    if (health === undefined) continue;
    judgedSeconds += endSeconds - startSeconds;
    invalidSeconds +=
      (health.invalidShare ?? (health.level === 'invalid' ? 1 : 0)) * (endSeconds - startSeconds);
    for (const name of health.warned) warned.add(name);
    for (const name of health.invalid) invalid.add(name);
    for (const [name, value] of Object.entries(health.signals)) {
      signals[name] = Math.max(signals[name] ?? -Infinity, value);
    }
  }
  if (judgedSeconds === 0) return null;
  const invalidShare = invalidSeconds / judgedSeconds;
  const names = { warned: [...warned], invalid: [...invalid] };
  return { level: levelOf(invalidShare, warned.size + invalid.size), ...names, signals, invalidShare };
}

function levelOf(invalidShare: number, signals: number): HealthLevel {
  if (invalidShare > 0.5) return 'invalid';
  return signals > 0 ? 'warn' : 'ok';
}
