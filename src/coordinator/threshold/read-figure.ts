import { COUNTER, type CounterName, type Counters } from '../../measure/counters.ts';
import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../../measure/outcome.ts';
import type { FigureSource } from '../../profile/threshold/figures.ts';
import type { ObservedFigures } from './observed-figures.ts';

/** The figure in its base unit; null where there was nothing to observe it on. */
export function readFigure(source: FigureSource, figures: ObservedFigures): number | null {
  switch (source.from) {
    case 'histogram':
      return readStatistic(source, figures);
    case 'percentile':
      return figures.histogram(source.metric)?.percentileUs(source.percentile) ?? null;
    case 'counters':
      return sumOf(figures.counters, source.counters);
    case 'openConnections':
      return source.when === 'peak' ? figures.openMax : figures.openAtEnd;
    case 'throughput':
      return readThroughput(source.counters, figures);
    case 'errors':
      return source.as === 'count' ? failed(figures.counters) : errorRate(figures.counters);
    case 'run':
      return figures.run?.[source.fact] ?? null;
    default:
      return source satisfies never;
  }
}

function readStatistic(
  { metric, statistic }: Extract<FigureSource, { from: 'histogram' }>,
  figures: ObservedFigures,
): number | null {
  const histogram = figures.histogram(metric);
  switch (statistic) {
    case 'count':
      return histogram?.count ?? 0;
    case 'min':
      return histogram?.minUs ?? null;
    case 'mean':
      return histogram?.meanUs ?? null;
    case 'max':
      return histogram?.maxUs ?? null;
    default:
      return statistic satisfies never;
  }
}

function readThroughput(counters: readonly CounterName[], { measured }: ObservedFigures): number | null {
  if (measured.seconds === 0) return null;
  return sumOf(measured.counters, counters) / measured.seconds;
}

/**
 * Of all that the target was asked for and that came to an end (dials, sessions, frames) the share that failed. What
 * failed for want of the generator's own means (`localLimit`, `local-error`) is on neither side: it says nothing of
 * the target. Nor is what the run's own end cut short.
 */
function errorRate(counters: Counters): number | null {
  const bad = failed(counters);
  const ended = bad + sumOf(counters, DONE);
  return ended === 0 ? null : bad / ended;
}

function failed(counters: Counters): number {
  return sumOf(counters, FAILED);
}

function sumOf(counters: Counters, names: readonly CounterName[]): number {
  return names.reduce((total, name) => total + count(counters, name), 0);
}

function count(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

const FAILED: readonly CounterName[] = [
  ...DIAL_OUTCOMES.filter((outcome) => !['connected', 'abandoned', 'localLimit'].includes(outcome)).map(
    (outcome): CounterName => `dial:${outcome}`,
  ),
  ...SESSION_OUTCOMES.filter((outcome) => !['closed-by-plan', 'local-error'].includes(outcome)).map(
    (outcome): CounterName => `session:${outcome}`,
  ),
  'framesLost',
  'framesCorrupt',
];

const DONE: readonly CounterName[] = [
  'dial:connected',
  'session:closed-by-plan',
  'framesMatched',
  'framesOneWay',
];
