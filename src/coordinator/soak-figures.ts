import { AGE_BOUNDS_US } from '../measure/connection-ages.ts';
import { COUNTER } from '../measure/counters.ts';
import { SESSION_OUTCOMES } from '../measure/outcome.ts';
import type { AgeRow, HalfOpen } from '../store/soak-figures.ts';
import type { CohortTotals } from './cohort-totals.ts';

/** Response times by the age of the connection; ages that had no reply are left out. */
export function responseByAge({ sides }: CohortTotals): AgeRow[] {
  return [0, ...AGE_BOUNDS_US].flatMap((fromUs, index) => {
    const histogram = sides.get(`age:${index}`);
    if (histogram === undefined) return [];
    const toUs = AGE_BOUNDS_US[index];
    return {
      fromSeconds: fromUs / 1e6,
      toSeconds: toUs === undefined ? null : toUs / 1e6,
      response: histogram.summary(),
    };
  });
}

/** Silent peers by what found them. */
export function halfOpen({ sides, counters }: CohortTotals): HalfOpen {
  const byDetector = SESSION_OUTCOMES.flatMap((detector) => {
    const histogram = sides.get(`detect:${detector}`);
    if (histogram === undefined) return [];
    const { count, p50, max } = histogram.summary();
    return { detector, count, p50, max };
  }).toSorted((a, b) => b.count - a.count);
  const found = byDetector.reduce((sum, { count }) => sum + count, 0);
  return { found, byDetector, ghosts: counters[COUNTER.ghosts] ?? 0 };
}
