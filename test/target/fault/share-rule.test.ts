import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Random } from '../../../src/base/random.ts';
import { FrameShare, ShareRule } from '../../../src/target/fault/share-rule.ts';

/** One to six shares that leave at least nothing of the whole. */
const shares = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 6 }), fc.nat(20_000))
  .map(([weights, rest]) => {
    const whole = weights.reduce((sum, weight) => sum + weight, rest);
    return weights.map((weight) => weight / whole);
  });

function dealt(rule: ShareRule, connections: number): number[] {
  return Array.from({ length: connections }, () => rule.next());
}

describe('ShareRule', () => {
  test('holds every class within one of its share after any number of connections, for every seed', () => {
    const property = fc.property(shares, fc.integer(), (parts, seed) => {
      const rule = new ShareRule(parts, new Random(seed));
      const counts = parts.map(() => 0);
      for (let n = 1; n <= 400; n++) {
        const drawn = rule.next();
        if (drawn < parts.length) counts[drawn] = (counts[drawn] ?? 0) + 1;
        counts.forEach((count, index) => {
          const deviation = Math.abs(count - n * (parts[index] ?? 0));
          if (deviation >= 1) throw new Error(`class ${index} is off by ${deviation} after ${n} connections`);
        });
      }
    });
    expect(() => fc.assert(property)).not.toThrow();
  });

  test('deals the same way for the same seed, and in another for another', () => {
    const deal = (seed: number): number[] => dealt(new ShareRule([0.05, 0.1], new Random(seed)), 100);
    expect(deal(7)).toEqual(deal(7));
    const patterns = new Set(Array.from({ length: 20 }, (_, seed) => deal(seed).join('')));
    expect(patterns.size).toBeGreaterThan(5);
  });

  test('gives everything to one share of the whole, and nothing where there is none', () => {
    expect(new Set(dealt(new ShareRule([1], new Random(1)), 20))).toEqual(new Set([0]));
    expect(new Set(dealt(new ShareRule([], new Random(1)), 20))).toEqual(new Set([0]));
  });
});

test('FrameShare takes a share of any number of frames, give or take less than one', () => {
  const property = fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer(), (permyriad, seed) => {
    const share = new FrameShare(permyriad / 10_000, new Random(seed));
    let taken = 0;
    for (let n = 1; n <= 300; n++) {
      if (share.take()) taken++;
      const deviation = Math.abs(taken - (n * permyriad) / 10_000);
      if (deviation > 1) throw new Error(`off by ${deviation} after ${n} frames`);
    }
  });
  expect(() => fc.assert(property)).not.toThrow();
});
