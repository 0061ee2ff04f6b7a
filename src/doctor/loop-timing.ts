import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

/** How true this process's loop is to the times it is asked for, with nothing else to do. */
export interface LoopTiming {
  /** How much later than 1 ms a timer of 1 ms fired. Node counts whole milliseconds, so it may be a part of one early. */
  timeoutLatenessUs: Percentiles;
  /** How long a turn of the loop takes that finds nothing to do. */
  turnUs: Percentiles;
}

export interface Percentiles {
  count: number;
  p50: number;
  p99: number;
}

/** Watches the loop for about `durationMs`, two thirds of it for timers. */
export async function measureLoop(clock: Clock, durationMs: number): Promise<LoopTiming> {
  const timersUs = (durationMs * 1000 * 2) / 3;
  const waitsUs = await repeatFor(timersUs, clock, () => sleep(TIMEOUT_MS));
  const turnsUs = await repeatFor(durationMs * 1000 - timersUs, clock, () => nextTurn());
  return {
    timeoutLatenessUs: percentiles(waitsUs.map((waitUs) => waitUs - TIMEOUT_MS * 1000)),
    turnUs: percentiles(turnsUs),
  };
}

/**
 * The values that half and 99% of all values do not exceed.
 * @param values at least one
 */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** How long each of the waits took, in microseconds; there is at least one. */
async function repeatFor(durationUs: number, clock: Clock, wait: () => Promise<unknown>): Promise<number[]> {
  const startUs = clock.nowUs();
  const tookUs: number[] = [];
  let beforeUs = startUs;
  do {
    await wait();
    const nowUs = clock.nowUs();
    tookUs.push(nowUs - beforeUs);
    beforeUs = nowUs;
  } while (beforeUs - startUs < durationUs);
  return tookUs;
}

const TIMEOUT_MS = 1;
