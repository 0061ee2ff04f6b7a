import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { lifetimeUs, type Lifetime } from '../../src/schedule/lifetime.ts';

const DRAWS = 4000;

/** Lifetimes of the connections 0, 1, 2 ..., each from a stream of its own, in ascending order. */
function drawn(lifetime: Lifetime): number[] {
  const ages = Array.from({ length: DRAWS }, (_, connection) =>
    lifetimeUs(lifetime, () => new Random(7, connection)),
  );
  return ages.map((age) => age ?? Number.NaN).toSorted((a, b) => a - b);
}

/** The largest distance between what was drawn and a distribution function (Kolmogorov-Smirnov). */
function distance(ascending: number[], distribution: (value: number) => number): number {
  const gaps = ascending.map((value, index) => {
    const expected = distribution(value);
    return Math.max(expected - index / DRAWS, (index + 1) / DRAWS - expected);
  });
  return Math.max(...gaps);
}

/** Critical distance at the level of 1%. Source: D. Knuth, TAOCP 2, 3.3.1, table 2, for large n. */
const CRITICAL = 1.6276 / Math.sqrt(DRAWS);

describe('lifetimeUs', () => {
  it('is the same for every connection where it is fixed, and no time where frames are counted', () => {
    const unused = (): Random => {
      throw new Error('Nothing is drawn');
    };
    expect(lifetimeUs({ kind: 'time', us: 5 }, unused)).toBe(5);
    expect(lifetimeUs({ kind: 'frames', count: 5 }, unused)).toBeNull();
  });

  it('is spread evenly over a range', () => {
    const ages = drawn({ kind: 'uniform', fromUs: 1000, toUs: 3000 });
    expect(ages[0]).toBeGreaterThanOrEqual(1000);
    expect(ages.at(-1)).toBeLessThanOrEqual(3000);
    expect(distance(ages, (us) => (us - 1000) / 2000)).toBeLessThan(CRITICAL);
  });

  it('is exponential with the mean that is asked for', () => {
    const ages = drawn({ kind: 'exponential', meanUs: 20e6 });
    expect(distance(ages, (us) => 1 - Math.exp(-us / 20e6))).toBeLessThan(CRITICAL);
  });
});
