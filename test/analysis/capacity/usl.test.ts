import { describe, expect, test } from 'vitest';

import { Random } from '../../../src/base/random.ts';
import { uslInterval } from '../../../src/analysis/capacity/usl-interval.ts';
import { fitUsl, uslThroughput, type UslPoint } from '../../../src/analysis/capacity/usl.ts';

/** Sun SPARCcenter 2000 in SPEC SDM 91, as the R package usl has it (`specsdm91`). */
const SPECSDM91: UslPoint[] = [
  [1, 64.9],
  [18, 995.9],
  [36, 1652.4],
  [72, 1853.2],
  [108, 1828.9],
  [144, 1775.0],
  [216, 1702.2],
].map(([concurrency = 0, perSecond = 0]) => ({ concurrency, perSecond }));

describe('fitUsl', () => {
  test('agrees with the R package usl on specsdm91 to the digits that it prints', () => {
    const { alpha, beta, gamma, squares } = fitUsl(SPECSDM91);
    expect(alpha.toFixed(7)).toBe('0.0277285');
    expect(beta.toFixed(7)).toBe('0.0001044');
    expect(gamma.toFixed(7)).toBe('89.9952330');
    console.log(
      squares,
      ['alpha', 'beta', 'gamma'].map((name) =>
        uslInterval(SPECSDM91, fitUsl(SPECSDM91), { name: name as 'alpha', confidence: 0.95 }),
      ),
    );
  });

  test('agrees with the R package usl on its test data', () => {
    const points = [
      [1, 1],
      [2, 1.8868],
      [4, 3.0769],
      [6, 3.5294],
      [8, 3.5398],
      [10, 3.3557],
    ].map(([concurrency = 0, perSecond = 0]) => ({ concurrency, perSecond }));
    const f = fitUsl(points);
    console.log(f);
    expect(f.gamma).toBeCloseTo(1, 3);
  });
});
