import type { CounterName } from '../measure/counters.ts';
import type { HealthLevel, IntervalHealth } from './health-summary.ts';
import { intervalHistogram, type IntervalLine } from './interval-line.ts';
import type { LatencyHistogram } from '../measure/latency-histogram.ts';
import { METRICS } from '../measure/metric.ts';

/**
 * Several intervals, one after the other and of one phase, as a single wider one. Counters add up, gauges are those of
 * the last, and the times are those of `histograms`, by metric, which hold the merged counts; count, mean, min and max
 * stay exact.
 */
export function widenIntervals(
  intervals: readonly IntervalLine[],
  histograms: ReadonlyMap<string, LatencyHistogram>,
): IntervalLine {
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (first === undefined || last === undefined) throw new Error('An interval is made of one at least');
  const health = widenHealth(intervals);
  return {
    ...last,
    index: first.index,
    merged: intervals.reduce((sum, { merged }) => sum + (merged ?? 1), 0),
    startSeconds: first.startSeconds,
    counters: addAll(intervals.map(({ counters }) => counters)),
    ...(health === null ? {} : { health }),
    histograms: widenHistograms(intervals, histograms),
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
  intervals: readonly IntervalLine[],
  merged: ReadonlyMap<string, LatencyHistogram>,
): IntervalLine['histograms'] {
  const histograms: IntervalLine['histograms'] = {};
  for (const metric of METRICS) {
    const parts = intervals.flatMap((interval) => interval.histograms[metric] ?? []);
    const counts = merged.get(metric);
    if (parts.length === 0 || counts === undefined) continue;
    const numbers = intervalHistogram(counts);
    if (numbers === null) continue;
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
