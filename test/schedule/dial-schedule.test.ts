import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { dialDueUs } from '../../src/schedule/dial-schedule.ts';
import { share } from '../../src/schedule/split.ts';

describe('dialDueUs', () => {
  test('has the dials of all shards together at n / R, n = 0, 1, 2 ...', () => {
    const rate = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 16 }), fc.nat(300), (ratePerSecond, shards, dials) => {
        const dues: number[] = [];
        for (let shard = 0; shard < shards; shard++) {
          const own = share(dials, shard, shards);
          for (let index = 0; index < own; index++) {
            dues.push(dialDueUs(index, { ratePerSecond, shard, shards }));
          }
        }
        const wanted = Array.from({ length: dials }, (_, n) => (n * 1e6) / ratePerSecond);
        expect(dues.toSorted((a, b) => a - b)).toEqual(wanted);
      }),
    );
  });

  test('has every dial due at once where no rate is planned', () => {
    const options = { ratePerSecond: null, shard: 2, shards: 3 };
    expect([0, 1, 1000].map((index) => dialDueUs(index, options))).toEqual([0, 0, 0]);
  });
});
