/**
 * The index of a time in a histogram of microsecond-counts.ts: the library's own layout, but with integers. The library takes logarithms
 * and powers in floating point, which costs ten times as much, and a shard does this several times a frame.
 *
 * With b the number of bits of the time, it is shifted right by s = b - 11 so that 11 bits are left, of which the
 * first is always set: index = 1024 s + (time >> s).
 * @param us a whole number from 0 to `RECORDED_US_MAX`
 */
export function indexOfUs(us: number): number {
  if (us < SINGLE_STEP_US) return us;
  const shift = 31 - STEP_BITS - Math.clz32(us);
  return (shift << STEP_BITS) + (us >>> shift);
}

/** Longest time that is told apart, one hour; anything longer counts as this. Unit: microseconds. */
export const RECORDED_US_MAX = 3_600_000_000;

/** Times below this have an index each; above, the step doubles with every power of two. */
const SINGLE_STEP_US = 2048;

/** Indices that one power of two is cut into, as a number of bits: 2^10 steps are finer than three digits. */
const STEP_BITS = 10;

/** Number of indices from 0 to `RECORDED_US_MAX`. */
export const INDEX_COUNT: number = indexOfUs(2 ** 32 - 1) + 1;

/** The shortest and the longest whole number of microseconds that have the index: the inverse of `indexOfUs`. */
export function rangeOfIndexUs(index: number): { lowest: number; highest: number } {
  const step = stepOfIndexUs(index);
  const lowest = index < SINGLE_STEP_US ? index : ((index & (STEPS - 1)) + STEPS) * step;
  return { lowest, highest: lowest + step - 1 };
}

/** What stands for the times of an index in a mean, as in the Java and C readers. */
export function middleOfIndexUs(index: number): number {
  return rangeOfIndexUs(index).lowest + Math.floor(stepOfIndexUs(index) / 2);
}

function stepOfIndexUs(index: number): number {
  return index < SINGLE_STEP_US ? 1 : 2 ** ((index >> STEP_BITS) - 1);
}

const STEPS = 2 ** STEP_BITS;
