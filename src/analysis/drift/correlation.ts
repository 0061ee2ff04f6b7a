import { studentProbability } from './student.ts';

/*
 * Neighbouring values of a real series resemble each other, and a test that takes them for independent finds trends where
 * there are none. What is tested is therefore tested a second time with the resemblance taken out: x[t] - r x[t-1].
 * Source: H. von Storch, in: Analysis of Climate Variability (1995), 11 (pre-whitening before the test of Mann and
 * Kendall); X. Wang, V. Swail, J. Climate 14 (2001), 2204 (r taken from what is left when the trend is removed, since
 * a trend itself makes neighbours alike).
 */

/** How alike neighbours are among the residuals of a fit, corrected for what `parameters` fitted ones took out of it. */
export function lagOneCorrelation(residuals: Float64Array, parameters: number): number {
  const length = residuals.length;
  let products = 0;
  let squares = 0;
  let mean = 0;
  for (let i = 0; i < length; i++) mean += residuals[i]! / length;
  for (let i = 0; i < length; i++) {
    const here = residuals[i]! - mean;
    squares += here * here;
    if (i > 0) products += here * (residuals[i - 1]! - mean);
  }
  if (squares === 0) return 0;
  return bounded((products / squares) * (length / (length - parameters)) + parameters / length);
}

/**
 * The lag-one correlation of a long series about its fit: the larger of two estimates. One is the usual quotient of
 * moments, raised by the (2 + 4 r) / n that fitting a line or two levels takes from it. The other counts how often neighbours
 * lie on the same side of the fit, r = sin(pi / 2 x mean of sign x sign): a few huge values, as latencies have them, do
 * not move it. NaN is passed over.
 * Source: F. Marriott, J. Pope, Biometrika 41 (1954), 390 (bias); N. Blomqvist, Ann. Math. Stat. 21 (1950), 593 (signs).
 */
export function intervalCorrelation(values: Float64Array, fitted: (index: number) => number): number {
  let signs = 0;
  let products = 0;
  let squares = 0;
  let pairs = 0;
  let before = NaN;
  for (let i = 0; i < values.length; i++) {
    const here = values[i]! - fitted(i);
    const product = here * before;
    before = here;
    if (Number.isNaN(product)) continue;
    signs += Math.sign(product);
    products += product;
    squares += here * here;
    pairs++;
  }
  if (pairs === 0 || squares === 0) return 0;
  const moment = products / squares;
  return bounded(Math.max(moment + (2 + 4 * moment) / pairs, Math.sin((Math.PI / 2) * (signs / pairs))));
}

/** A change that was fitted to a long series, and what is left of the series about the fit. */
export interface Fitted {
  /** Of the fitted values, over all intervals. */
  deviation: number;
  /** Of the residuals, robustly. */
  residual: number;
  length: number;
  /** How much the intervals are alike about the fit. */
  r: number;
  /** And if there were no change at all, where the fit was chosen among many: it takes some of r away. */
  rWithout?: number;
}

/**
 * How likely wandering alone would fit so well, where the intervals are so much alike that twelve batches are not nearly
 * independent: with fewer than 40 effective ones, n (1 - r) / (1 + r), Student's t is asked with as many degrees of
 * freedom as they leave. 0 where there are more, since the batches tell; null where only six are left.
 * On simulated series without drift (r = 0.9) 60 intervals gave a false alarm in 38% of the runs without this bound.
 * Source: B. Santer et al., J. Geophys. Res. 105 (2000), 7337, eq. 4 to 6 (adjusted standard error and degrees).
 */
export function wanderingProbability({ deviation, residual, length, r, rWithout }: Fitted): number | null {
  if ((length * (1 - r)) / (1 + r) >= EFFECTIVE_ENOUGH) return 0;
  const cautious = Math.max(r, rWithout ?? r);
  const effective = (length * (1 - cautious)) / (1 + cautious);
  if (effective <= EFFECTIVE_MIN) return null;
  if (residual === 0) return 0;
  return studentProbability((deviation / residual) * Math.sqrt(effective - 2), effective - 2);
}

/**
 * The lag-one correlation of means of `length` values each, of a series whose own is `r` (autoregressive of order one):
 * covariance of neighbouring means r (1 - r^n)^2 / (1 - r)^2 over their variance n (1 + r) / (1 - r) - 2 r (1 - r^n) /
 * (1 - r)^2, both times n^2 / variance of the series.
 * Source: P. Brockwell, R. Davis, Time Series (1991), eq. 2.2.1 and theorem 7.1.1, summed out.
 */
export function batchCorrelation(r: number, length: number): number {
  if (r <= 0 || length < 1) return 0;
  const power = r ** length;
  const covariance = (r * (1 - power) ** 2) / (1 - r) ** 2;
  const variance = (length * (1 + r)) / (1 - r) - (2 * r * (1 - power)) / (1 - r) ** 2;
  return bounded(covariance / variance);
}

/** x[t] - r x[t-1]: one value fewer. */
export function preWhiten(values: Float64Array, r: number): Float64Array {
  const white = new Float64Array(values.length - 1);
  for (let i = 0; i < white.length; i++) white[i] = values[i + 1]! - r * values[i]!;
  return white;
}

/** How much wider bounds become when values are alike by `r`: the root of the variance of their mean, against r = 0. */
export function boundsInflation(r: number): number {
  return Math.sqrt((1 + r) / (1 - r));
}

/** Correlations below 0 would sharpen a test, and those near 1 leave nothing to test. */
function bounded(r: number): number {
  return Math.min(R_HIGHEST, Math.max(0, r));
}

const R_HIGHEST = 0.99;
const EFFECTIVE_ENOUGH = 40;
const EFFECTIVE_MIN = 6;
