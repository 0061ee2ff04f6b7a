import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overExactly, plainDecimal, timesExactly } from '../../src/base/decimal.ts';

describe('timesExactly', () => {
  it.each<[string, bigint, bigint | null, string]>([
    ['4.35', 100n, 435n, 'what doubles make 434.99999999999994'],
    ['1.5', 1024n, 1536n, 'a fraction that the multiplier makes whole'],
    ['1.5', 1n, null, 'a fraction that stays one'],
    ['007', 2n, 14n, 'leading zeros'],
  ])('multiplies %s by %d: %s', (decimal, multiplier, product) => {
    expect(timesExactly(decimal, multiplier)).toBe(product);
  });
});

describe('overExactly', () => {
  it.each<[bigint, bigint, number, string | null, string]>([
    [1536n, 1024n, 3, '1.5', 'a short fraction'],
    [1025n, 1024n, 3, null, 'a fraction with more digits than allowed'],
    [5n, 1000n, 3, '0.005', 'a value below the unit'],
    [3000n, 1000n, 3, '3', 'no fraction, no point'],
  ])('divides %d by %d to %d digits: %s', (value, unit, digits, text) => {
    expect(overExactly(value, unit, digits)).toBe(text);
  });

  it('is undone by timesExactly', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        (value, unit) => {
          const text = overExactly(value, unit, 6);
          fc.pre(text !== null);
          expect(timesExactly(text, unit)).toBe(value);
        },
      ),
    );
  });
});

describe('plainDecimal', () => {
  it('writes every double without an exponent so that it reads back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = plainDecimal(value);
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });

  it('moves the point', () => {
    expect(plainDecimal(1500, 3)).toBe('1.5');
  });
});
