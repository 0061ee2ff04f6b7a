import { assert } from '../../base/assert.ts';

/**
 * The share of all windows that pass at least, at `confidence`, when `passed` of `trials` independent windows did: the
 * exact one-sided lower limit for a binomial share, which is where passing so many or more still has probability
 * 1 - confidence. For all of n passed it is (1 - confidence)^(1/n).
 * Source: C. Clopper, E. Pearson, Biometrika 26 (1934), 404-413.
 * @example passShareAtLeast({ passed: 14, trials: 14 }) // 0.807
 */
export function passShareAtLeast({ passed, trials, confidence = 0.95 }: PassedTrials): number {
  assert(passed >= 0 && passed <= trials, 'no more trials passed than there were');
  if (passed === 0) return 0;
  let low = 0;
  let high = 1;
  for (let step = 0; step < BISECTIONS; step++) {
    const share = (low + high) / 2;
    if (tailProbability(passed, trials, share) < 1 - confidence) low = share;
    else high = share;
  }
  return low;
}

/** How many of how many, and how sure the limit is to be. */
export interface PassedTrials {
  passed: number;
  trials: number;
  /** @default 0.95 */
  confidence?: number;
}

/** P(at least `passed` of `trials`) where each passes with probability `share`. */
function tailProbability(passed: number, trials: number, share: number): number {
  let sum = 0;
  // log C(trials, k), built up from k = 0.
  let logChoose = 0;
  for (let k = 0; k <= trials; k++) {
    if (k > 0) logChoose += Math.log((trials - k + 1) / k);
    if (k >= passed) {
      sum += Math.exp(logChoose + k * Math.log(share) + (trials - k) * Math.log1p(-share));
    }
  }
  return sum;
}

/** Each halves the interval: what is left is below the digits of a double. */
const BISECTIONS = 60;
