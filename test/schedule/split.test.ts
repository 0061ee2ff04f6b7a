import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { share } from '../../src/schedule/split.ts';

describe('share', () => {
  test('adds up to the whole, and no two shares differ by more than one', () => {
    const whole = fc.oneof(fc.nat(100), fc.nat({ max: 1_000_000_000 }));
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 64 }), (things, parts) => {
        const shares = Array.from({ length: parts }, (_, part) => share(things, part, parts));
        expect(shares.reduce((sum, own) => sum + own, 0)).toBe(things);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('gives a part the things whose number is the part modulo the parts', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 20 }), (things, parts) => {
        for (let part = 0; part < parts; part++) {
          const own = Array.from({ length: things }, (_, n) => n).filter((n) => n % parts === part);
          expect(share(things, part, parts)).toBe(own.length);
        }
      }),
    );
  });
});
