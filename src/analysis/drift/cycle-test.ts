import { batchStart, type Rows } from './batches.ts';
import { powerSpectrum } from './fourier.ts';
import { median } from '../statistics/order-statistics.ts';

/** Slow intervals that come again and again at the same time of a cycle. */
export interface CycleResult {
  p: number;
  periodSeconds: number;
  /** How far the period may be off: half of what one cycle more or less in the whole run would make. */
  periodErrorSeconds: number;
  /** When they came for the first time, in seconds since the run's start. */
  phaseSeconds: number;
  /** Share of the slowest intervals that lie within `windowShare` of the cycle about that time. */
  share: number;
  windowShare: number;
  /** Median of those intervals. */
  peak: number;
  /** Median of all intervals. */
  level: number;
}

/**
 * Looks for periodic stalls. The slowest 5% of each twelfth of the run are its tail; the Rayleigh statistic
 * R^2 = |sum exp(2 pi i f t)|^2 / n says whether their times t gather at one phase of a frequency f. All frequencies
 * with at least 30 cycles in the run, up to a third of the interval rate, are looked at in one Fourier transform. Tails
 * that merely cluster raise R^2 over a broad band, so that it is held against the frequencies beside it: the ratio of
 * one exponential value to the mean of K follows F(2, 2K), P(ratio > x) = (1 + x / K)^-K, times the frequencies tried.
 * Source: Lord Rayleigh, Phil. Mag. 37 (1919), 321; K. Mardia, P. Jupp, Directional Statistics (2000), section 6.3; local
 * background: D. Thomson, Proc. IEEE 70 (1982), 1055, section XIII.
 * @param sign -1 where the lowest values are the tail
 * @returns null where the run is too short, or nothing stands out as slow
 */
export function testCycle(rows: Rows, values: Float64Array, sign: 1 | -1): CycleResult | null {
  const { times, widthSeconds } = rows;
  const bins = Math.round((times.at(-1)! - times[0]!) / widthSeconds) + 1;
  if (bins < BINS_MIN) return null;
  const tail = markTail(values, sign);
  if (tail.slow < SLOW_MIN) return null;
  const share = tail.slow / tail.known;
  const length = 2 ** Math.ceil(Math.log2(2 * bins));
  const series = new Float64Array(length);
  for (let row = 0; row < values.length; row++) {
    const bin = Math.round((times[row]! - times[0]!) / widthSeconds);
    if (!Number.isNaN(values[row]!)) series[bin] = tail.marks[row]! - share;
  }
  const power = powerSpectrum(series);
  const peak = highestPeak(power, length / bins, tail.slow * (1 - share));
  const slowTimes = times.filter((_, row) => tail.marks[row] === 1);
  const spanSeconds = bins * widthSeconds;
  const cycle = bestCycle(
    slowTimes,
    fundamental(power, peak.index, length / bins) / (length * widthSeconds),
    spanSeconds,
  );
  return { p: peak.p, ...cycle, ...describeStalls(rows, values, tail, cycle) };
}

interface Tail {
  /** 1 for an interval of the tail, else 0. */
  marks: Uint8Array;
  slow: number;
  known: number;
}

function markTail(values: Float64Array, sign: 1 | -1): Tail {
  const tail: Tail = { marks: new Uint8Array(values.length), slow: 0, known: 0 };
  for (let part = 0; part < PARTS; part++) {
    const start = batchStart(values.length, part, PARTS);
    const end = batchStart(values.length, part + 1, PARTS);
    const ordered = values
      .subarray(start, end)
      .filter((value) => !Number.isNaN(value))
      .map((value) => sign * value);
    ordered.sort();
    tail.known += ordered.length;
    const bound = ordered[ordered.length - 1 - Math.floor(ordered.length * TAIL_SHARE)] ?? Infinity;
    for (let row = start; row < end; row++) {
      if (sign * values[row]! <= bound || Number.isNaN(values[row]!)) continue;
      tail.marks[row] = 1;
      tail.slow++;
    }
  }
  return tail;
}

/** The frequency that stands out most from those beside it. */
function highestPeak(power: Float64Array, oversampling: number, unit: number): { index: number; p: number } {
  const sums = new Float64Array(power.length + 1);
  for (let i = 0; i < power.length; i++) sums[i + 1] = sums[i]! + power[i]! / unit;
  const first = Math.ceil(CYCLES_MIN * oversampling);
  const last = Math.floor(((power.length - 1) * 2) / PERIOD_INTERVALS_MIN);
  const near = Math.ceil(NEAR_BINS * oversampling);
  const far = Math.floor(FAR_BINS * oversampling);
  let index = first;
  let highest = 0;
  for (let i = first; i <= last; i++) {
    const top = Math.min(power.length, i + far + 1);
    const below = sums[i - near + 1]! - sums[i - far]!;
    const above = sums[top]! - sums[Math.min(top, i + near)]!;
    const background = (below + above) / (far - near + 1 + Math.max(0, top - i - near));
    const ratio = power[i]! / unit / Math.max(1, background);
    if (ratio > highest) {
      highest = ratio;
      index = i;
    }
  }
  const degrees = 2 * (FAR_BINS - NEAR_BINS);
  return { index, p: Math.min(1, (last - first + 1) * (1 + highest / degrees) ** -degrees) };
}

/**
 * Short stalls are about as strong at every multiple of their frequency: theirs is the lowest whose multiples, but for the
 * weakest quarter of them, all stand out.
 */
function fundamental(power: Float64Array, index: number, oversampling: number): number {
  for (let divisor = HARMONICS; divisor > 1; divisor--) {
    const center = index / divisor;
    if (center < CYCLES_MIN * oversampling) continue;
    const multiples = new Float64Array(divisor - 1);
    for (let i = 1; i < divisor; i++) multiples[i - 1] = power[strongestNear(power, center * i)]!;
    multiples.sort();
    if (multiples[multiples.length >> 2]! >= FUNDAMENTAL_SHARE * power[index]!) {
      return strongestNear(power, center);
    }
  }
  return index;
}

function strongestNear(power: Float64Array, place: number): number {
  let strongest = Math.round(place);
  for (const other of [strongest - 1, strongest + 1])
    if (power[other]! > power[strongest]!) strongest = other;
  return strongest;
}

/** The frequency near `frequency` at which the times gather best, and where in its cycle. */
function bestCycle(
  slowTimes: Float64Array,
  frequency: number,
  spanSeconds: number,
): Pick<CycleResult, 'periodSeconds' | 'periodErrorSeconds' | 'phaseSeconds'> {
  let best = { squared: -1, frequency, angle: 0 };
  for (let step = -FINE_STEPS; step <= FINE_STEPS; step++) {
    const tried = frequency + step / FINE_STEPS / spanSeconds;
    let cosines = 0;
    let sines = 0;
    for (const time of slowTimes) {
      cosines += Math.cos(2 * Math.PI * tried * time);
      sines += Math.sin(2 * Math.PI * tried * time);
    }
    const squared = cosines ** 2 + sines ** 2;
    if (squared > best.squared) best = { squared, frequency: tried, angle: Math.atan2(sines, cosines) };
  }
  const periodSeconds = 1 / best.frequency;
  const turn = best.angle / (2 * Math.PI);
  return {
    periodSeconds,
    periodErrorSeconds: periodSeconds ** 2 / (2 * spanSeconds),
    phaseSeconds: (turn - Math.floor(turn)) * periodSeconds,
  };
}

function describeStalls(
  { times, widthSeconds }: Rows,
  values: Float64Array,
  tail: Tail,
  { periodSeconds, phaseSeconds }: Pick<CycleResult, 'periodSeconds' | 'phaseSeconds'>,
): Pick<CycleResult, 'share' | 'windowShare' | 'peak' | 'level'> {
  const reach = Math.max(widthSeconds, periodSeconds / 20);
  const inside = values.filter((_, row) => {
    const turns = (times[row]! - phaseSeconds) / periodSeconds;
    return tail.marks[row] === 1 && Math.abs(turns - Math.round(turns)) * periodSeconds <= reach;
  });
  return {
    share: inside.length / tail.slow,
    windowShare: Math.min(1, (2 * reach) / periodSeconds),
    peak: median(inside),
    level: median(values.filter((value) => !Number.isNaN(value))),
  };
}

const PARTS = 12;
const TAIL_SHARE = 0.05;
/** Fewer cycles are not told from chance and slow wandering. */
const CYCLES_MIN = 30;
const PERIOD_INTERVALS_MIN = 3;
/** With fewer intervals there is hardly a frequency between the two bounds above. */
const BINS_MIN = 180;
/** Intervals that the tail must have. */
const SLOW_MIN = 8;
/** The background lies this far from a frequency, in steps of one cycle more in the whole run. */
const NEAR_BINS = 2;
const FAR_BINS = 20;
/** How far below the strongest multiple of a frequency the frequency itself is looked for. */
const HARMONICS = 24;
const FUNDAMENTAL_SHARE = 0.25;
const FINE_STEPS = 50;
