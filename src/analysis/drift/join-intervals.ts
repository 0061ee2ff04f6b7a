import type { CounterName } from '../../measure/counters.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalHistogram, IntervalLine } from '../../store/interval-line.ts';

/**
 * Several intervals, one after the other, as a wider one, from what their lines tell: counters add up, gauges are the last
 * ones. A percentile of joined intervals is neither the mean nor the largest of theirs: it is read off the sum of their
 * distributions, each of which is drawn through its six known points, straight in the logarithm of the time.
 */
export function joinIntervals(lines: readonly IntervalLine[]): IntervalLine {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) throw new Error('An interval is made of one at least');
  const counters: Partial<Record<CounterName, number>> = {};
  const metrics = new Set<Metric>();
  for (const line of lines) {
    for (const [name, count] of Object.entries(line.counters)) {
      counters[name as CounterName] = (counters[name as CounterName] ?? 0) + count;
    }
    for (const metric of Object.keys(line.histograms)) metrics.add(metric as Metric);
  }
  const histograms: IntervalLine['histograms'] = {};
  for (const metric of metrics) {
    histograms[metric] = joinHistograms(lines.flatMap((line) => line.histograms[metric] ?? []));
  }
  const { index, startSeconds } = first;
  return {
    index,
    startSeconds,
    endSeconds: last.endSeconds,
    phase: last.phase,
    counters,
    gauges: last.gauges,
    histograms,
  };
}

/** The numbers of all the times together; count, min, mean and max are exact. */
export function joinHistograms(parts: readonly IntervalHistogram[]): IntervalHistogram {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = 0;
  for (const part of parts) {
    count += part.count;
    sum += part.mean * part.count;
    min = Math.min(min, part.min);
    max = Math.max(max, part.max);
  }
  const percentile = (share: number): number => {
    let [low, high] = [Math.log1p(min), Math.log1p(max)];
    for (let step = 0; step < HALVINGS; step++) {
      const middle = (low + high) / 2;
      let below = 0;
      for (const part of parts) below += part.count * shareBelow(part, middle);
      if (below < share * count) low = middle;
      else high = middle;
    }
    return Math.expm1(high);
  };
  const [p50, p90, p99, p999] = [percentile(0.5), percentile(0.9), percentile(0.99), percentile(0.999)];
  return { count, min, mean: sum / count, p50, p90, p99, p999, max };
}

/** Share of a histogram's times that are at most expm1(`logTime`). */
function shareBelow({ min, p50, p90, p99, p999, max }: IntervalHistogram, logTime: number): number {
  const time = Math.expm1(logTime);
  if (time >= max) return 1;
  if (time < min) return 0;
  if (time < p50) return between(logTime, [min, p50], [0, 0.5]);
  if (time < p90) return between(logTime, [p50, p90], [0.5, 0.9]);
  if (time < p99) return between(logTime, [p90, p99], [0.9, 0.99]);
  return time < p999
    ? between(logTime, [p99, p999], [0.99, 0.999])
    : between(logTime, [p999, max], [0.999, 1]);
}

function between(
  logTime: number,
  times: readonly [number, number],
  shares: readonly [number, number],
): number {
  const [low, high] = [Math.log1p(times[0]), Math.log1p(times[1])];
  return shares[0] + ((logTime - low) / (high - low)) * (shares[1] - shares[0]);
}

/** From an hour down to a fraction of a microsecond. */
const HALVINGS = 36;
