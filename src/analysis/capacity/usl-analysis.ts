import { uslInterval, type Interval } from './usl-interval.ts';
import { fitUsl, uslThroughput, type UslCoefficients, type UslPoint } from './usl.ts';

/** The Universal Scalability Law over the measured loads, or why there is none. */
export type UslAnalysis = ({ fitted: true } & UslFindings) | { fitted: false; why: string };

/** What the fit says, and no more than the data carry. */
export interface UslFindings extends UslCoefficients {
  intervals: Record<keyof UslCoefficients, Interval>;
  confidence: number;
  points: number;
  /** The least and the most concurrency that was measured. */
  concurrency: { least: number; most: number };
  /** Where throughput is highest; null where nothing may be said of it, and `peakUnknown` says why. */
  peak: { concurrency: number; perSecond: number } | null;
  peakUnknown: string | null;
}

/**
 * Fits the law to trials that kept up, a point each. A peak is claimed only within the measured concurrency, and only where
 * the interval of beta excludes 0: without beta there is none.
 */
export function analyzeUsl(points: readonly UslPoint[]): UslAnalysis {
  const usable = points.filter(({ concurrency, perSecond }) => concurrency > 0 && perSecond > 0);
  const loads = usable.map(({ concurrency }) => concurrency);
  const [least, most] = [Math.min(...loads), Math.max(...loads)];
  if (usable.length < POINTS_MIN) {
    return { fitted: false, why: `${usable.length} trials that kept up are too few; it takes ${POINTS_MIN}` };
  }
  if (most < least * SPREAD_MIN) {
    return {
      fitted: false,
      why: `frames in flight hardly differ from load to load (${least.toPrecision(2)} to ${most.toPrecision(2)})`,
    };
  }
  const fit = fitUsl(usable);
  const interval = (name: keyof UslCoefficients): Interval =>
    uslInterval(usable, fit, { name, confidence: CONFIDENCE });
  const intervals = { alpha: interval('alpha'), beta: interval('beta'), gamma: interval('gamma') };
  const { alpha, beta, gamma } = fit;
  return {
    fitted: true,
    alpha,
    beta,
    gamma,
    intervals,
    confidence: CONFIDENCE,
    points: usable.length,
    concurrency: { least, most },
    ...peakOf(fit, intervals.beta, most),
  };
}

function peakOf(
  fit: UslCoefficients,
  beta: Interval,
  most: number,
): Pick<UslFindings, 'peak' | 'peakUnknown'> {
  if (beta.low <= 0) return { peak: null, peakUnknown: 'the interval of beta holds 0, so there may be none' };
  const concurrency = Math.sqrt((1 - fit.alpha) / fit.beta);
  if (!(concurrency <= most)) return { peak: null, peakUnknown: 'it would lie beyond the measured loads' };
  return { peak: { concurrency, perSecond: uslThroughput(fit, concurrency) }, peakUnknown: null };
}

const POINTS_MIN = 6;
/** The most concurrency over the least: a law of growth is not seen on loads that are all alike. */
const SPREAD_MIN = 4;
const CONFIDENCE = 0.95;
