import { expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import {
  batchCorrelation,
  boundsInflation,
  intervalCorrelation,
  lagOneCorrelation,
  preWhiten,
  wanderingProbability,
} from '../../../src/analysis/drift/correlation.ts';

function autoregressive(length: number, r: number, seed: number): Float64Array {
  const random = new Random(seed);
  const values = new Float64Array(length);
  let value = random.normal();
  for (let i = 0; i < length; i++) {
    values[i] = value;
    value = r * value + Math.sqrt(1 - r * r) * random.normal();
  }
  return values;
}

function meanOf(runs: number, measure: (seed: number) => number): number {
  let sum = 0;
  for (let seed = 1; seed <= runs; seed++) sum += measure(seed);
  return sum / runs;
}

test.each([0.3, 0.6, 0.9])('intervalCorrelation finds r = %d about a line', (r) => {
  const values = autoregressive(5000, r, 3).map((value, i) => value + 0.01 * i);
  expect(intervalCorrelation(values, (i) => 0.01 * i)).toBeCloseTo(r, 1);
});

test('intervalCorrelation is not moved by a few huge values, and passes over missing ones', () => {
  const values = autoregressive(5000, 0.6, 4);
  for (let i = 50; i < 5000; i += 100) values[i] = 1e6;
  for (let i = 0; i < 5000; i += 97) values[i] = NaN;
  expect(intervalCorrelation(values, () => 0)).toBeCloseTo(0.6, 1);
  expect(intervalCorrelation(new Float64Array(9).fill(NaN), () => 0)).toBe(0);
});

test('lagOneCorrelation is 0 of independent and of equal values, high of wandering ones', () => {
  expect(lagOneCorrelation(new Float64Array(12), 2)).toBe(0);
  const wandering = meanOf(200, (seed) => lagOneCorrelation(autoregressive(12, 0.8, seed), 1));
  const independent = meanOf(200, (seed) => lagOneCorrelation(autoregressive(12, 0, seed), 1));
  expect(wandering).toBeGreaterThan(0.5);
  expect(independent).toBeLessThan(0.2);
});

test.each([
  { r: 0.9, length: 5 },
  { r: 0.9, length: 50 },
  { r: 0.6, length: 3 },
])('batchCorrelation of $length values alike by $r is that of their means', ({ r, length }) => {
  const values = autoregressive(400_000, r, 11);
  const means = new Float64Array(values.length / length);
  for (let i = 0; i < means.length; i++) {
    const batch = values.subarray(i * length, (i + 1) * length);
    means[i] = batch.reduce((sum, value) => sum + value, 0) / length;
  }
  expect(batchCorrelation(r, length)).toBeCloseTo(
    intervalCorrelation(means, () => 0),
    1,
  );
});

test('preWhiten takes the resemblance out', () => {
  const white = preWhiten(autoregressive(5000, 0.6, 2), 0.6);
  expect(white).toHaveLength(4999);
  expect(intervalCorrelation(white, () => 0)).toBeLessThan(0.05);
});

test('boundsInflation is the root of (1 + r) / (1 - r)', () => {
  expect(boundsInflation(0)).toBe(1);
  expect(boundsInflation(0.6)).toBeCloseTo(2, 12);
});

test('wanderingProbability asks only where fewer than 40 effective intervals are left', () => {
  const fit = { deviation: 3, residual: 1, r: 0.9 };
  expect(wanderingProbability({ ...fit, length: 800 })).toBe(0);
  expect(wanderingProbability({ ...fit, length: 110 })).toBeNull();
  // 190 intervals count for 10: t = 3 x root of 8 with 8 degrees of freedom.
  const p = wanderingProbability({ ...fit, length: 190 });
  expect(p).toBeCloseTo(2.83e-5, 6);
  // Without the fit they are more alike, and count for 190 x 0.08 / 1.92 = 7.9.
  expect(wanderingProbability({ ...fit, length: 190, rWithout: 0.92 })).toBeGreaterThan(1e-4);
  expect(wanderingProbability({ ...fit, deviation: 30, length: 150 })).toBeLessThan(1e-4);
  expect(wanderingProbability({ ...fit, residual: 0, length: 150 })).toBe(0);
});
