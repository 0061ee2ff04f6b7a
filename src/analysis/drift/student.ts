/**
 * P(|T| >= |t|) of Student's t with `degrees` of freedom, which need not be a whole number: the regularized incomplete beta
 * function I(x; degrees / 2, 1 / 2) at x = degrees / (degrees + t^2), by its continued fraction.
 * Source: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions (1964), 26.7.1, 26.5.8 and 6.1.41.
 */
export function studentProbability(t: number, degrees: number): number {
  const x = degrees / (degrees + t * t);
  return incompleteBeta(x, degrees / 2, 0.5);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  // The fraction converges fast on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front =
    Math.exp(a * Math.log(x) + b * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  let fraction = 1;
  for (let m = TERMS; m >= 1; m--) {
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1));
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    fraction = 1 + odd / (1 + even / fraction);
  }
  return front / fraction;
}

/** Stirling's series, from 10 on exact to 12 digits; below it by Gamma(x + 1) = x Gamma(x). */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  return (
    (x - 0.5) * Math.log(x) -
    x +
    Math.log(2 * Math.PI) / 2 +
    1 / (12 * x) -
    1 / (360 * x ** 3) +
    1 / (1260 * x ** 5)
  );
}

/** More than enough: on the side that is computed each term takes off a digit or so. */
const TERMS = 200;
