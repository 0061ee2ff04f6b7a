import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffKind } from '../../src/profile/backoff-kind.ts';

const kind = backoffKind();

describe('backoffKind', () => {
  it('reads back what it writes', () => {
    const anyPauses = fc.tuple(fc.integer({ min: 1, max: 1e12 }), fc.nat(1e12));
    fc.assert(
      fc.property(anyPauses, ([firstUs, moreUs]) => {
        const backoff = { firstUs, longestUs: firstUs + moreUs };
        expect(kind.read(String(kind.write(backoff)))).toEqual(backoff);
      }),
    );
  });

  it('reads 100ms..10s as the first and the longest pause', () => {
    expect(kind.read('100ms..10s')).toEqual({ firstUs: 100_000, longestUs: 10_000_000 });
  });

  it.each([
    ['100ms', '"100ms" is not a backoff; it reads like 100ms..10s, the first and the longest pause'],
    ['1s..2s..3s', 'is not a backoff'],
    ['100..10s', '"100" has no unit'],
    ['..10s', 'is not a duration'],
    ['0s..10s', 'must begin above zero, current value is 0s..10s'],
    ['10s..1s', 'must have a longest pause of at least the first one, current value is 10s..1s'],
  ])('refuses %j', (text, message) => {
    expect(() => kind.read(text)).toThrow(message);
  });
});
