import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Random } from '../../../src/base/random.ts';
import { analyzeUsl } from '../../../src/analysis/capacity/usl-analysis.ts';
import { uslInterval } from '../../../src/analysis/capacity/usl-interval.ts';
import { fitUsl, uslThroughput, type UslPoint } from '../../../src/analysis/capacity/usl.ts';

/** Sun SPARCcenter 2000 in SPEC SDM 91, as the R package usl has it (`specsdm91`). */
const SPECSDM91 = pointsOf([
  [1, 64.9],
  [18, 995.9],
  [36, 1652.4],
  [72, 1853.2],
  [108, 1828.9],
  [144, 1775.0],
  [216, 1702.2],
]);

describe('fitUsl', () => {
  test('agrees with the R package usl on specsdm91 to the digits that its page prints', () => {
    const { alpha, beta, gamma, squares } = fitUsl(SPECSDM91);
    expect(alpha.toFixed(7)).toBe('0.0277285');
    expect(beta.toFixed(7)).toBe('0.0001044');
    expect(gamma.toFixed(5)).toBe('89.99523');
    // Least and largest residual there: -81.7 and 111.1.
    const residuals = SPECSDM91.map(
      ({ concurrency, perSecond }) => perSecond - uslThroughput({ alpha, beta, gamma }, concurrency),
    );
    expect(Math.min(...residuals).toFixed(1)).toBe('-81.7');
    expect(Math.max(...residuals).toFixed(1)).toBe('111.1');
    expect(squares).toBeCloseTo(
      residuals.reduce((sum, residual) => sum + residual ** 2, 0),
      6,
    );
  });

  test('finds the coefficients of exact points', () => {
    const coefficients = fc.record({
      alpha: fc.double({ min: 0, max: 0.8, noNaN: true }),
      beta: fc.double({ min: 0, max: 0.01, noNaN: true }),
      gamma: fc.double({ min: 1, max: 1e5, noNaN: true }),
    });
    fc.assert(
      fc.property(coefficients, (truth) => {
        const points = [1, 2, 4, 8, 16, 32, 64, 128].map((concurrency) => ({
          concurrency,
          perSecond: uslThroughput(truth, concurrency),
        }));
        const fit = fitUsl(points);
        expect(Math.abs(fit.alpha - truth.alpha)).toBeLessThan(1e-4);
        expect(Math.abs(fit.beta - truth.beta)).toBeLessThan(1e-5);
        expect(fit.gamma / truth.gamma).toBeCloseTo(1, 3);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps to the bounds where throughput grows faster than concurrency', () => {
    const fit = fitUsl(pointsOf([1, 2, 4, 8, 16, 32].map((n) => [n, 100 * n ** 1.1])));
    expect(fit.alpha).toBe(0);
    expect(fit.beta).toBe(0);
    expect(fit.gamma).toBeGreaterThan(100);
  });

  test('holds what is fixed', () => {
    expect(fitUsl(SPECSDM91, { beta: 0 }).beta).toBe(0);
    expect(fitUsl(SPECSDM91, { beta: 0 }).squares).toBeGreaterThan(fitUsl(SPECSDM91).squares);
  });
});

describe('uslInterval', () => {
  const TRUTH = { alpha: 0.03, beta: 2e-4, gamma: 90 };
  const LOADS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128];

  test('covers the truth as often as it says', () => {
    const covered = { alpha: 0, beta: 0, gamma: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed, 3);
      const points = pointsOf(LOADS.map((n) => [n, uslThroughput(TRUTH, n) + 15 * random.normal()] as const));
      const fit = fitUsl(points);
      for (const name of ['alpha', 'beta', 'gamma'] as const) {
        const { low, high } = uslInterval(points, fit, { name, confidence: 0.95 });
        if (low <= TRUTH[name] && TRUTH[name] <= (high ?? Infinity)) covered[name]++;
      }
    }
    for (const count of Object.values(covered)) {
      expect(count / SEEDS).toBeGreaterThan(0.85);
      expect(count / SEEDS).toBeLessThanOrEqual(1);
    }
  });

  const SEEDS = 60;
});

describe('analyzeUsl', () => {
  test('claims a peak within the measured loads', () => {
    const usl = analyzeUsl(SPECSDM91);
    if (!usl.fitted) throw new Error(usl.why);
    // sqrt((1 - alpha) / beta), as the package's peak.scalability gives it.
    expect(usl.peak?.concurrency).toBeCloseTo(96.5, 0);
    expect(usl.intervals.beta.low).toBeGreaterThan(0);
  });

  test('claims none beyond the measured loads', () => {
    const truth = { alpha: 0.01, beta: 1e-4, gamma: 100 };
    const usl = analyzeUsl(pointsOf([1, 2, 4, 8, 16, 32, 48, 64].map((n) => [n, uslThroughput(truth, n)])));
    // Highest at sqrt(0.99 / 1e-4) = 99.5.
    expect(usl).toMatchObject({
      fitted: true,
      peak: null,
      peakUnknown: expect.stringContaining('beyond') as string,
    });
  });

  test('claims none where beta may be 0', () => {
    const usl = analyzeUsl(
      pointsOf([1, 2, 4, 8, 16, 32, 64].map((n) => [n, (100 * n) / (1 + 0.05 * (n - 1))])),
    );
    expect(usl).toMatchObject({
      fitted: true,
      peak: null,
      peakUnknown: expect.stringContaining('holds 0') as string,
    });
  });

  test.each([
    [
      'too few trials',
      [
        [1, 10],
        [5, 20],
      ],
      'too few',
    ],
    ['loads that are all alike', Array.from({ length: 8 }, (_, i) => [10 + i, 100]), 'hardly differ'],
    ['nothing in flight', Array.from({ length: 8 }, () => [0, 100]), 'too few'],
  ] as const)('fits nothing to %s', (_, rows, why) => {
    expect(analyzeUsl(pointsOf(rows))).toEqual({
      fitted: false,
      why: expect.stringContaining(why) as string,
    });
  });
});

function pointsOf(rows: readonly (readonly number[])[]): UslPoint[] {
  return rows.map(([concurrency = 0, perSecond = 0]) => ({ concurrency, perSecond }));
}
