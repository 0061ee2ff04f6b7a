import { openAtEnd, type CohortInterval, type MergedInterval } from '../interval-merger.ts';
import type { IntervalFigures } from './observed-figures.ts';

/**
 * A merged interval as thresholds look at it.
 * @param figures of the cohort in question, or of the whole
 */
export function intervalFigures(interval: MergedInterval, figures: CohortInterval): IntervalFigures {
  return {
    startUs: interval.startUs,
    endUs: interval.endUs,
    phase: interval.phase,
    valid: interval.health?.level !== 'invalid',
    counters: figures.counters,
    histogram: (metric) => figures.histograms.get(metric),
    openMax: figures.openMax,
    openAtEnd: openAtEnd(figures),
  };
}
