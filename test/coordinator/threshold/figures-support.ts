import { COUNTER, newCounters, type CounterName, type Counters } from '../../../src/measure/counters.ts';
import type { Metric } from '../../../src/measure/metric.ts';
import type { IntervalPhase } from '../../../src/schedule/interval-schedule.ts';
import type { IntervalFigures } from '../../../src/coordinator/threshold/observed-figures.ts';
import { histogramsOf } from '../../support/sample-run.ts';

/** Counters of these values, all others at 0. */
export function countersOf(values: Partial<Record<CounterName, number>>): Counters {
  const counters = newCounters();
  for (const [name, value] of Object.entries(values)) counters[COUNTER[name as CounterName]] = value;
  return counters;
}

/** What is told of an interval; it lasts a second unless its end says otherwise. */
export interface IntervalSketch {
  /** Its start, in seconds. */
  at: number;
  /** Its end, in seconds. @default at + 1 */
  end?: number;
  phase?: IntervalPhase;
  /** @default true */
  valid?: boolean;
  counters?: Partial<Record<CounterName, number>>;
  times?: Partial<Record<Metric, readonly number[]>>;
  openMax?: number;
  openAtEnd?: number;
}

/** An interval of a run. */
export function intervalOf(sketch: IntervalSketch): IntervalFigures {
  const {
    at,
    end = at + 1,
    phase = 'measure',
    valid = true,
    counters = {},
    times = {},
    openMax = 0,
    openAtEnd = 0,
  } = sketch;
  const histograms = histogramsOf(times);
  return {
    startUs: at * 1e6,
    endUs: end * 1e6,
    phase,
    valid,
    counters: countersOf(counters),
    histogram: (metric) => histograms.get(metric),
    openMax,
    openAtEnd,
  };
}
