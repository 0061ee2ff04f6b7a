import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../../measure/outcome.ts';
import type { CounterName } from '../../measure/counters.ts';
import type { Metric } from '../../measure/metric.ts';
import type { IntervalHistogram, IntervalLine } from '../../store/interval-line.ts';
import type { Center } from './batches.ts';

/** One figure of every interval, and how it is judged. */
export interface Series {
  /** As people read it. */
  name: string;
  unit: SeriesUnit;
  center: Center;
  /** Which intervals may be periodic stalls: the highest (1), the lowest (-1), or none are looked for (null). */
  stalls: 1 | -1 | null;
  /** A smaller change than this is none, in units of the series. */
  changeMin: number;
  /** Seconds of the run that are left out, since the figure has to settle first. */
  settleSeconds: number;
  /** NaN where the interval has none. */
  valueOf: (line: IntervalLine) => number;
}

export type SeriesUnit = 'us' | 'perSecond' | 'bytes';

/** Histograms count in whole microseconds: a change of one of them is no news. */
const LATENCY_CHANGE_US_MIN = 2;
/** Rare events: less than 36 an hour more or fewer are no drift. */
const RATE_CHANGE_MIN = 0.01;

/** Every series that is looked at, in the order in which it is reported. */
export const SERIES: readonly Series[] = [
  latency('response p50', 'response', 'p50', null),
  latency('response p90', 'response', 'p90', null),
  latency('response p99', 'response', 'p99', 1),
  latency('response p99.9', 'response', 'p999', 1),
  latency('service p50', 'service', 'p50', null),
  latency('service p99', 'service', 'p99', 1),
  latency('dial p99', 'dial', 'p99', 1),
  {
    ...rate('throughput', ['framesMatched', 'framesOneWay']),
    center: 'median',
    stalls: -1,
    changeMin: 0,
  },
  rate('errors', errorCounters()),
  rate('reconnects', reconnectCounters()),
  {
    name: 'generator memory',
    unit: 'bytes',
    center: 'median',
    stalls: null,
    changeMin: 8 * 1024 * 1024,
    // Measured: the heaps of V8 grow to their working size in the first minutes.
    settleSeconds: 300,
    valueOf: ({ gauges }) => gauges.rssBytes ?? NaN,
  },
];

function latency(
  name: string,
  metric: Metric,
  percentile: keyof IntervalHistogram,
  stalls: Series['stalls'],
): Series {
  return {
    name,
    unit: 'us',
    center: 'median',
    stalls,
    changeMin: LATENCY_CHANGE_US_MIN,
    settleSeconds: 0,
    valueOf: ({ histograms }) => histograms[metric]?.[percentile] ?? NaN,
  };
}

/** Events a second. Rare ones have no median but zero, so that their batches are told by the mean. */
function rate(name: string, counters: readonly CounterName[]): Series {
  return {
    name,
    unit: 'perSecond',
    center: 'mean',
    stalls: null,
    changeMin: RATE_CHANGE_MIN,
    settleSeconds: 0,
    valueOf(line) {
      let sum = 0;
      for (const counter of counters) sum += line.counters[counter] ?? 0;
      return sum / (line.endSeconds - line.startSeconds);
    },
  };
}

/** Failed dials, sessions that the plan did not end, and frames that were not what they should be. */
function errorCounters(): CounterName[] {
  return [
    ...DIAL_OUTCOMES.filter((outcome) => outcome !== 'connected' && outcome !== 'abandoned').map(
      (outcome): CounterName => `dial:${outcome}`,
    ),
    ...SESSION_OUTCOMES.filter((outcome) => outcome !== 'closed-by-plan').map(
      (outcome): CounterName => `session:${outcome}`,
    ),
    'framesCorrupt',
    'framesDuplicate',
    'framesUnsolicited',
  ];
}

function reconnectCounters(): CounterName[] {
  return [
    ...DIAL_OUTCOMES.map((outcome): CounterName => `reconnect:dial:${outcome}`),
    ...SESSION_OUTCOMES.map((outcome): CounterName => `reconnect:session:${outcome}`),
  ];
}
