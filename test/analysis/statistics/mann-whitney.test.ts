import { describe, expect, test } from 'vitest';
import { shiftBetween } from '../../../src/analysis/statistics/mann-whitney.ts';
import { Random } from '../../../src/base/random.ts';

describe('shiftBetween', () => {
  /** Water permeability at term and at 12 to 26 weeks. M. Hollander, D. Wolfe (1973), table 4.1; R's ?wilcox.test has the data. */
  test('agrees with the published example: -0.305 (-0.76 to 0.15)', () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const weeks = [1.15, 0.88, 0.9, 0.74, 1.21];
    const { value, low, high } = shiftBetween(term, weeks, 0.95);
    expect(value).toBeCloseTo(-0.305, 6);
    expect(low).toBeCloseTo(-0.76, 6);
    expect(high).toBeCloseTo(0.15, 6);
  });

  test('holds exactly those shifts that the rank-sum test does not reject, by an enumeration of all orders', () => {
    const random = new Random(5);
    for (let round = 0; round < 30; round++) {
      const a = Array.from({ length: 4 + (round % 3) }, () => random.normal());
      const b = Array.from({ length: 5 }, () => random.normal() + 1);
      const { low, high } = shiftBetween(a, b, 0.95);
      const step = (high - low) * 1e-6;
      for (const shift of [low - step, low + step, (low + high) / 2, high - step, high + step]) {
        const moved = b.map((value) => value - shift);
        expect(enumeratedProbability(a, moved) > 0.05).toBe(shift > low && shift < high);
      }
    }
  });

  test('has no bounds where there are too few runs', () => {
    expect(shiftBetween([1], [3], 0.95)).toEqual({ value: 2, low: -Infinity, high: Infinity });
  });
});

function enumeratedProbability(a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a.length, b.length];
  const u = a.reduce((sum, one) => sum + b.filter((other) => other > one).length, 0);
  const smaller = Math.min(u, n * m - u);
  let [extreme, all] = [0, 0];
  for (let order = 0; order < 2 ** (n + m); order++) {
    let [firsts, pairs] = [0, 0];
    for (let place = 0; place < n + m; place++) {
      if ((order >> place) & 1) firsts++;
      else pairs += firsts;
    }
    if (firsts !== n) continue;
    all++;
    if (pairs <= smaller || pairs >= n * m - smaller) extreme++;
  }
  return Math.min(1, extreme / all);
}
