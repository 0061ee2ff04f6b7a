import type { Random } from '../base/random.ts';

/** How long a client waits before it dials again, in microseconds. */
export interface Backoff {
  firstUs: number;
  longestUs: number;
}

/**
 * A pause before the next dial: anything between nothing and a bound that doubles with every failure in a row, up to
 * the longest. Drawing from the whole of it ("full jitter") is what spreads clients that failed together.
 * @param failures in a row, up to now; 0 after a connection that worked, which is treated as the first failure is
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffPauseUs({ firstUs, longestUs }: Backoff, failures: number, random: Random): number {
  const boundUs = firstUs * 2 ** Math.max(0, failures - 1);
  return random.fraction() * Math.min(longestUs, boundUs);
}
