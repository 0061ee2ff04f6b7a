import { openAtEnd, type CohortInterval, type MergedInterval } from '../interval-merger.ts';
import type { IntervalFigures } from './observed-figures.ts';

/** The figures of an interval by the name of a cohort; null: of the whole. */
export function figuresOf(
  interval: MergedInterval,
  names: readonly (string | null)[],
): (cohort: string | null) => IntervalFigures {
  return (cohort) => intervalFigures(interval, interval.cohorts[names.indexOf(cohort)] ?? interval);
}

/**
 * A merged interval as thresholds look at it.
 * @param figures of the cohort in question, or of the whole
 */
function intervalFigures(interval: MergedInterval, figures: CohortInterval): IntervalFigures {
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
