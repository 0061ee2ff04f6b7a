import { openAtEnd, type MergedInterval } from '../interval-merger.ts';
import type { IntervalFigures } from './observed-figures.ts';

/** A merged interval as thresholds look at it. */
export function intervalFigures(interval: MergedInterval): IntervalFigures {
  return {
    startUs: interval.startUs,
    endUs: interval.endUs,
    phase: interval.phase,
    valid: interval.health?.level !== 'invalid',
    counters: interval.counters,
    histogram: (metric) => interval.histograms.get(metric),
    openMax: interval.openMax,
    openAtEnd: openAtEnd(interval),
  };
}
