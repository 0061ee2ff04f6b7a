import { studentQuantile } from '../statistics/student-quantile.ts';
import { fitUsl, type UslCoefficients, type UslFit, type UslPoint } from './usl.ts';

/** Where a coefficient lies; `low` is 0 for alpha and beta where the data do not rule it out. */
export interface Interval {
  low: number;
  /** Null where the data set no bound. */
  high: number | null;
}

/**
 * The interval of one coefficient by profile likelihood: all values at which the others can be fitted so well that the sum
 * of squares exceeds the least one by no more than s^2 F, with s^2 = least squares / (n - 3) and F the quantile of
 * Fisher's distribution with 1 and n - 3 degrees of freedom, which is Student's squared. Unlike estimate and standard error it keeps to the bounds,
 * is as lopsided as the data, and needs no random numbers.
 * Source: D. Bates, D. Watts, Nonlinear Regression Analysis and Its Applications (1988), section 6.1.2.
 */
export function uslInterval(
  points: readonly UslPoint[],
  fit: UslFit,
  { name, confidence }: { name: keyof UslCoefficients; confidence: number },
): Interval {
  const degrees = points.length - COEFFICIENTS;
  const allowed = fit.squares * (1 + studentQuantile(degrees, confidence) ** 2 / degrees);
  const holds = (value: number): boolean => fitUsl(points, { [name]: value }).squares <= allowed;
  return { low: lowEnd(fit[name], holds), high: highEnd(fit[name], holds) };
}

function lowEnd(value: number, holds: (value: number) => boolean): number {
  return holds(0) ? 0 : edge(value, 0, holds);
}

/** Doubles the distance until it is too far. */
function highEnd(value: number, holds: (value: number) => boolean): number | null {
  let inside = value;
  for (let outside = Math.max(2 * value, LEAST_STEP); outside < FARTHEST; outside *= 2) {
    if (!holds(outside)) return edge(inside, outside, holds);
    inside = outside;
  }
  return null;
}

/** Between a value that holds and one that does not. */
function edge(inside: number, outside: number, holds: (value: number) => boolean): number {
  let [within, beyond] = [inside, outside];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (within + beyond) / 2;
    if (holds(middle)) within = middle;
    else beyond = middle;
  }
  return within;
}

const COEFFICIENTS = 3;
const BISECTIONS = 40;
const LEAST_STEP = 1e-9;
const FARTHEST = 1e12;
