import type { Clock } from '../base/clock.ts';

/** What a reading of the clock costs, and how fine it is. */
export interface ClockReading {
  /** Nanoseconds a reading. */
  costNs: number;
  /** The least difference between two readings that differ, in nanoseconds: no finer than a reading's cost shows. */
  stepNs: number;
}

/** Reads the clock often, for about 10 ms. */
export function measureClock(clock: Clock): ClockReading {
  // Interpreted code costs several times as much: the first round is for the compiler.
  readOften(clock);
  return readOften(clock);
}

function readOften(clock: Clock): ClockReading {
  const startUs = clock.nowUs();
  let leastUs = Infinity;
  let beforeUs = startUs;
  for (let reading = 0; reading < READINGS; reading++) {
    const nowUs = clock.nowUs();
    if (nowUs > beforeUs && nowUs - beforeUs < leastUs) leastUs = nowUs - beforeUs;
    beforeUs = nowUs;
  }
  return { costNs: ((beforeUs - startUs) * 1000) / READINGS, stepNs: leastUs * 1000 };
}

const READINGS = 50_000;
