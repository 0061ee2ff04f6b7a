import { performance } from 'node:perf_hooks';

/**
 * Where times come from. Every measured time is monotonic microseconds since the machine's boot, as a double
 * (2^53 us are 285 years; the fraction holds nanoseconds), so that times taken in different threads compare.
 */
export interface Clock {
  /** Monotonic time in microseconds. */
  nowUs(): number;
}

/**
 * The machine's CLOCK_MONOTONIC. `performance.now()` costs about 50 ns but counts from the start of its own
 * thread; pairs of readings at creation give the offset to the clock that all threads share.
 */
export function monotonicClock(): Clock {
  const offsetUs = threadOffsetUs();
  return { nowUs: () => performance.now() * 1000 + offsetUs };
}

/**
 * Whatever holds the thread up between the two readings of a pair makes the offset too small, so the largest is
 * nearest to the truth. The first pair of a thread alone is 0.7 to 1.5 ms off, because it loads what it calls.
 */
function threadOffsetUs(): number {
  let offsetUs = -Infinity;
  for (let i = 0; i < OFFSET_READINGS; i++) {
    offsetUs = Math.max(offsetUs, Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000);
  }
  return offsetUs;
}

/** Measured: from the fourth pair on the offset stands within 0.1 us. */
const OFFSET_READINGS = 16;

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowUs: number;

  constructor(startUs: number = 0) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  advance(us: number): void {
    this.#nowUs += us;
  }
}

/**
 * What the wall clock shows beyond `clock` now, in microseconds. The wall clock is read in whole milliseconds, so it is
 * watched until it goes on, which takes a millisecond at most; the shortest step of a few decides.
 */
export function wallClockOffsetUs(clock: Clock): number {
  let offsetUs = -Infinity;
  for (let i = 0; i < WALL_READINGS; i++) {
    const fromMs = Date.now();
    let nowMs = fromMs;
    while (nowMs === fromMs) nowMs = Date.now();
    // Whatever holds the thread up before the second reading makes the offset too small.
    offsetUs = Math.max(offsetUs, nowMs * 1000 - clock.nowUs());
  }
  return offsetUs;
}

/** Milliseconds to watch: one alone may meet a moment in which the thread was held up. */
const WALL_READINGS = 3;
