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
 * thread; one pair of readings at creation gives the offset to the clock that all threads share.
 */
export function monotonicClock(): Clock {
  const offsetUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;
  return { nowUs: () => performance.now() * 1000 + offsetUs };
}

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
