import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { durationBoundsKind, shareBoundsKind, shareKind } from '../../src/profile/bounds-kind.ts';

describe('shareBoundsKind', () => {
  test.each([
    ['1%..10%', { warn: 0.01, invalid: 0.1 }],
    ['0.1%..off', { warn: 0.001, invalid: null }],
    ['off..12.5%', { warn: null, invalid: 0.125 }],
    ['off..off', { warn: null, invalid: null }],
    ['7%..7%', { warn: 0.07, invalid: 0.07 }],
  ])('reads %s and writes it again', (text, bounds) => {
    expect(shareBoundsKind().read(text)).toEqual(bounds);
    expect(shareBoundsKind().write(bounds)).toBe(text);
  });

  test.each([
    ['one bound', '5%', 'must be two bounds'],
    ['three bounds', '1%..2%..3%', 'must be two bounds'],
    ['a number without its unit', '0.05..0.1', 'must be a share between 0% and 100%, like 5%'],
    ['more than all', '1%..101%', 'must be a share between 0% and 100%'],
    ['a duration', '1ms..2ms', 'must be a share'],
    ['bounds that warn too late', '10%..1%', 'must warn before it makes invalid, current value is 10%..1%'],
  ])('refuses %s', (_, text, message) => {
    expect(() => shareBoundsKind().read(text)).toThrow(message);
  });

  test('writes any share so that it is read again', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Number(share.toFixed(9))),
        (share) => {
          expect(shareKind().read(String(shareKind().write(share)))).toBe(share);
        },
      ),
    );
  });
});

test('durationBoundsKind reads microseconds and writes durations', () => {
  expect(durationBoundsKind().read('50ms..1s')).toEqual({ warn: 50_000, invalid: 1_000_000 });
  expect(durationBoundsKind().write({ warn: null, invalid: 200_000 })).toBe('off..200ms');
  expect(() => durationBoundsKind().read('50..100')).toThrow('"50" has no unit');
});
