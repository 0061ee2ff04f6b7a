import type { InFlightCourse } from './in-flight-course.ts';

/**
 * Little's law as an audit of the books: frames in flight are known twice, by counting them at the end of each interval
 * and as N = X R from throughput and service times. Where the two disagree, one of the three is wrong.
 */
export interface LittleAudit {
  /** Mean of the counted, and N = X R. */
  counted: number;
  expected: number;
  /** How many countings stand behind the mean. */
  samples: number;
  /** Counted over expected, less 1. */
  deviation: number;
  /** 5%, or what so few countings that scatter so much can tell apart. */
  tolerance: number;
  ok: boolean;
}

/**
 * Audits trials that kept up, all of one load: while frames pile up, those still in flight have no service time yet.
 * Null where fewer than LEAST_IN_FLIGHT are in flight on average: they come and go in less time than the generator's
 * grid has, and a counting then sees the grid.
 */
export function auditLittle(courses: readonly InFlightCourse[]): LittleAudit | null {
  const steady = courses.filter(isSteady);
  const samples = steady.flatMap((course) => course.samples);
  if (samples.length < SAMPLES_MIN) return null;
  const counted = mean(samples);
  const expected = mean(steady.map(({ byLittle }) => byLittle));
  if (expected < LEAST_IN_FLIGHT) return null;
  const squares = samples.reduce((sum, sample) => sum + (sample - counted) ** 2, 0);
  const errorOfMean = Math.sqrt(squares / (samples.length - 1) / samples.length);
  const tolerance = Math.max(TOLERANCE, (2 * errorOfMean) / expected);
  const deviation = counted / expected - 1;
  return {
    counted,
    expected,
    samples: samples.length,
    deviation,
    tolerance,
    ok: Math.abs(deviation) <= tolerance,
  };
}

/** Slow growth is not enough to fail a trial, and too much for a law of steady states. */
function isSteady({ samples, grewBy }: InFlightCourse): boolean {
  return Math.abs(grewBy) <= STEADY_SHARE * mean(samples);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const TOLERANCE = 0.05;
const STEADY_SHARE = 0.1;
const SAMPLES_MIN = 3;
const LEAST_IN_FLIGHT = 10;
