import type { CohortInterval, MergedInterval } from '../../src/coordinator/interval-merger.ts';
import { COUNTER, newCounters, type CounterName, type Counters } from '../../src/measure/counters.ts';
import { histogramsOf } from './sample-run.ts';

type Counts = Partial<Record<CounterName, number>>;

/** What some connections did in an interval: counts, and response times in microseconds. */
export interface SampleFigures {
  counts?: Counts;
  totals?: Counts;
  response?: readonly number[];
}

/** The second number `index` of a run, as the coordinator merges it. */
export function mergedInterval(
  index: number,
  {
    cohorts = [],
    ...figures
  }: SampleFigures &
    Partial<Pick<MergedInterval, 'health' | 'phase'>> & {
      cohorts?: readonly SampleFigures[];
    } = {},
): MergedInterval {
  return {
    ...figuresOf(figures),
    index,
    startUs: index * 1e6,
    endUs: (index + 1) * 1e6,
    phase: figures.phase ?? 'measure',
    loops: new Map(),
    health: figures.health ?? null,
    cohorts: cohorts.map(figuresOf),
  };
}

function figuresOf({ counts = {}, totals = counts, response = [] }: SampleFigures): CohortInterval {
  return {
    counters: countersOf(counts),
    totals: countersOf(totals),
    openMax: 0,
    histograms: histogramsOf(response.length === 0 ? {} : { response }),
  };
}

function countersOf(counts: Counts): Counters {
  const counters = newCounters();
  for (const [name, count] of Object.entries(counts)) counters[COUNTER[name as CounterName]] = count;
  return counters;
}
