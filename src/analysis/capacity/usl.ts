import { assert } from '../../base/assert.ts';
import { solveLinear } from './solve-linear.ts';

/*
 * The Universal Scalability Law: throughput X at concurrency N,
 *
 *   X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1))
 *
 *   gamma  throughput of one alone                      (a second)
 *   alpha  contention: the share that queues             (>= 0)
 *   beta   coherency: what keeping each other up to date costs, which makes throughput fall again (>= 0)
 *
 * fitted by least squares on X, with alpha and beta bounded below by 0: the least sum of squares lies either inside or
 * on a side of the bounded region, so each of its four faces is fitted without bounds, by Levenberg and Marquardt's
 * method, and of those that keep to the bounds the best is taken.
 * Source: N. Gunther, Guerrilla Capacity Planning (2007), and the R package usl 3.0, which has the three-parameter form;
 * D. Marquardt, SIAM J. Appl. Math. 11 (1963), 431-441.
 */

/** Throughput a second at a concurrency. */
export interface UslPoint {
  concurrency: number;
  perSecond: number;
}

export interface UslCoefficients {
  alpha: number;
  beta: number;
  gamma: number;
}

/** A fitted law. */
export interface UslFit extends UslCoefficients {
  /** Of squared residuals. */
  squares: number;
}

/** The law's throughput at a concurrency. */
export function uslThroughput({ alpha, beta, gamma }: UslCoefficients, concurrency: number): number {
  return (gamma * concurrency) / divisor(alpha, beta, concurrency);
}

/**
 * Fits the law; coefficients in `fixed` are held, which is how intervals are made.
 * @param points at least as many as coefficients that are free, of positive concurrency
 */
export function fitUsl(points: readonly UslPoint[], fixed: Partial<UslCoefficients> = {}): UslFit {
  assert(
    points.every(({ concurrency }) => concurrency > 0),
    'concurrency is above 0',
  );
  const fits = FACES.map((face) => fitFace(points, { ...face, ...fixed })).filter(
    ({ alpha, beta }) => alpha >= 0 && beta >= 0,
  );
  return fits.reduce((best, fit) => (fit.squares < best.squares ? fit : best));
}

/** The region's inside, its two sides and its corner: what is given is held. */
const FACES: readonly Partial<UslCoefficients>[] = [{ alpha: 0, beta: 0 }, { alpha: 0 }, { beta: 0 }, {}];

type Name = keyof UslCoefficients;
const NAMES: readonly Name[] = ['alpha', 'beta', 'gamma'];

function fitFace(points: readonly UslPoint[], held: Partial<UslCoefficients>): UslFit {
  const free = NAMES.filter((name) => held[name] === undefined);
  let fit = withSquares(points, { ...startOf(points), ...held });
  let damping = 1e-3;
  for (let step = 0; step < STEPS && damping < DAMPING_END; step++) {
    const tried = withSquares(points, marquardtStep(points, fit, { free, damping }));
    // Not a number where a step has left the region in which the law is defined.
    if (tried.squares < fit.squares) {
      const gained = (fit.squares - tried.squares) / fit.squares;
      fit = tried;
      damping /= 10;
      if (gained < GAIN_END) break;
    } else damping *= 10;
  }
  return fit;
}

/** No contention, no coherency, and the best throughput that one alone can have had. */
function startOf(points: readonly UslPoint[]): UslCoefficients {
  const gamma = Math.max(...points.map(({ concurrency, perSecond }) => perSecond / concurrency));
  return { alpha: 0.01, beta: 1e-5, gamma };
}

function marquardtStep(
  points: readonly UslPoint[],
  fit: UslCoefficients,
  { free, damping }: { free: readonly Name[]; damping: number },
): UslCoefficients {
  const normal = free.map(() => free.map(() => 0));
  const right = free.map(() => 0);
  for (const point of points) {
    const slopes = slopesAt(fit, point.concurrency);
    const residual = point.perSecond - uslThroughput(fit, point.concurrency);
    free.forEach((row, i) => {
      right[i] = (right[i] ?? 0) + slopes[row] * residual;
      const line = normal[i] ?? [];
      free.forEach((column, j) => (line[j] = (line[j] ?? 0) + slopes[row] * slopes[column]));
    });
  }
  normal.forEach((line, i) => (line[i] = (line[i] ?? 0) * (1 + damping)));
  const change = solveLinear(normal, right);
  const next = { ...fit };
  free.forEach((name, i) => (next[name] += change[i] ?? NaN));
  return next;
}

/** How the throughput changes with each coefficient. */
function slopesAt({ alpha, beta, gamma }: UslCoefficients, n: number): UslCoefficients {
  const below = divisor(alpha, beta, n);
  const common = (-gamma * n) / below ** 2;
  return { alpha: common * (n - 1), beta: common * n * (n - 1), gamma: n / below };
}

function divisor(alpha: number, beta: number, n: number): number {
  return 1 + alpha * (n - 1) + beta * n * (n - 1);
}

function withSquares(points: readonly UslPoint[], coefficients: UslCoefficients): UslFit {
  const { alpha, beta, gamma } = coefficients;
  const squares = points.reduce((sum, { concurrency, perSecond }) => {
    const isDefined = divisor(alpha, beta, concurrency) > 0;
    return isDefined ? sum + (perSecond - uslThroughput(coefficients, concurrency)) ** 2 : NaN;
  }, 0);
  return { alpha, beta, gamma, squares };
}

const STEPS = 500;
/** Steps so short lead nowhere any more. */
const DAMPING_END = 1e12;
/** A relative gain below this is rounding. */
const GAIN_END = 1e-14;
