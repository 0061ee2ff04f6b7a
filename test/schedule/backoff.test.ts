import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { backoffPauseUs } from '../../src/schedule/backoff.ts';

const BACKOFF = { firstUs: 100_000, longestUs: 10_000_000 };

/** The longest of many pauses after so many failures: next to the bound that they are drawn below. */
function longestPauseUs(failures: number): number {
  const random = new Random(3);
  return Math.max(...Array.from({ length: 2000 }, () => backoffPauseUs(BACKOFF, failures, random)));
}

describe('backoffPauseUs', () => {
  it.each([
    [0, 100_000],
    [1, 100_000],
    [2, 200_000],
    [5, 1_600_000],
    [7, 6_400_000],
    [8, 10_000_000],
    [5000, 10_000_000],
  ])('after %i failures in a row is drawn below %i us', (failures, boundUs) => {
    const longestUs = longestPauseUs(failures);
    expect(longestUs).toBeLessThan(boundUs);
    expect(longestUs).toBeGreaterThan(boundUs * 0.99);
  });

  it('is drawn from all of the bound, so that clients that failed together spread', () => {
    const random = new Random(3);
    const pauses = Array.from({ length: 10_000 }, () => backoffPauseUs(BACKOFF, 4, random));
    const mean = pauses.reduce((sum, us) => sum + us, 0) / pauses.length;
    expect(mean / 400_000).toBeCloseTo(1, 1);
    expect(Math.min(...pauses)).toBeLessThan(8000);
  });

  it('is never below zero nor beyond the longest', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.integer({ min: 1, max: 1e9 }),
        fc.nat(1e9),
        fc.nat(),
        (n, first, more, seed) => {
          const pauseUs = backoffPauseUs({ firstUs: first, longestUs: first + more }, n, new Random(seed));
          expect(pauseUs).toBeGreaterThanOrEqual(0);
          expect(pauseUs).toBeLessThanOrEqual(first + more);
        },
      ),
    );
  });
});
