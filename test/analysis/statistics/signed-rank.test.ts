import { describe, expect, test } from 'vitest';
import { hodgesLehmann, signedRankMin } from '../../../src/analysis/statistics/signed-rank.ts';
import { Random } from '../../../src/base/random.ts';

/** Depression scores of nine patients at two visits. M. Hollander, D. Wolfe (1973), table 3.1; R's `depression` data. */
const FIRST = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const SECOND = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];

describe('hodgesLehmann', () => {
  test('agrees with the published example: -0.46 (-0.786 to -0.010)', () => {
    const differences = SECOND.map((value, i) => value - (FIRST[i] ?? 0));
    const { value, low, high } = hodgesLehmann(differences, 0.96);
    expect(value).toBeCloseTo(-0.46, 6);
    expect(low).toBeCloseTo(-0.786, 6);
    expect(high).toBeCloseTo(-0.01, 6);
  });

  test('holds exactly those centers that the signed-rank test does not reject, by an enumeration of all signs', () => {
    const random = new Random(11);
    for (let round = 0; round < 40; round++) {
      const n = 6 + (round % 5);
      const values = Array.from({ length: n }, () => random.normal() + 0.7);
      for (const confidence of [0.9, 0.95, 0.95 + 0.1 / 3]) {
        const { low, high } = hodgesLehmann(values, confidence);
        const step = Number.isFinite(high - low) ? (high - low) * 1e-6 : 1;
        for (const center of [low - step, low + step, (low + high) / 2, high - step, high + step]) {
          if (!Number.isFinite(center)) continue;
          const inside = center > low && center < high;
          expect(enumeratedProbability(values, center) > 1 - confidence).toBe(inside);
        }
      }
    }
  });

  /** One index too narrow covers 94.5% with 8 pairs, and 90.6% with 6. */
  test.each([
    [6, 1 - 2 / 64],
    [8, 1 - 10 / 256],
    [12, 1 - 170 / 4096],
  ])('covers the truth as often as the exact distribution of %i pairs says: %d', (n, exact) => {
    const random = new Random(n);
    const sessions = 20_000;
    let covered = 0;
    for (let i = 0; i < sessions; i++) {
      const { low, high } = hodgesLehmann(
        Array.from({ length: n }, () => 3 + random.normal()),
        0.95,
      );
      if (low <= 3 && high >= 3) covered++;
    }
    expect(exact).toBeGreaterThanOrEqual(0.95);
    // Four standard errors of the share.
    const tolerance = 4 * Math.sqrt((exact * (1 - exact)) / sessions);
    expect(Math.abs(covered / sessions - exact)).toBeLessThan(tolerance);
  });

  test('has no bounds where there are too few values for the confidence', () => {
    expect(hodgesLehmann([1, 2, 3, 4, 5], 0.95)).toEqual({ value: 3, low: -Infinity, high: Infinity });
    expect(hodgesLehmann([7], 0.95)).toEqual({ value: 7, low: -Infinity, high: Infinity });
  });

  test('of equal values is that value', () => {
    expect(hodgesLehmann([0, 0, 0, 0, 0, 0, 0, 0], 0.95)).toEqual({ value: 0, low: 0, high: 0 });
  });
});

test.each([
  [0.95, 6],
  [1 - 0.05 / 2, 7],
  [1 - 0.05 / 3, 7],
  [0.99, 8],
  [0.9375, 5],
  [0.96875, 6],
])('signedRankMin: a confidence of %d needs %i pairs', (confidence, pairs) => {
  expect(signedRankMin(confidence)).toBe(pairs);
  expect(
    hodgesLehmann(
      Array.from({ length: pairs }, (_, i) => i),
      confidence,
    ).low,
  ).toBe(0);
  expect(
    hodgesLehmann(
      Array.from({ length: pairs - 1 }, (_, i) => i),
      confidence,
    ).low,
  ).toBe(-Infinity);
});

/** Two-sided: how many of all 2^n ways to sign the ranks are at least as extreme. */
function enumeratedProbability(values: readonly number[], center: number): number {
  const n = values.length;
  const ordered = values.map((value) => value - center).toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const all = (n * (n + 1)) / 2;
  const observed = ordered.reduce((sum, value, index) => sum + (value > 0 ? index + 1 : 0), 0);
  const smaller = Math.min(observed, all - observed);
  let extreme = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) if ((signs >> (rank - 1)) & 1) sum += rank;
    if (sum <= smaller || sum >= all - smaller) extreme++;
  }
  return Math.min(1, extreme / 2 ** n);
}
