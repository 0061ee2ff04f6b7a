import { describe, expect, test } from 'vitest';

import { Random } from '../../src/base/random.ts';

const DRAWS = 200_000;

describe('Random', () => {
  test('gives the same numbers for the same seed and stream', () => {
    for (const [seed, stream] of [
      [0, 0],
      [1, 7],
      [2 ** 53 - 1, 19_999],
      [-5, 3],
    ] as const) {
      expect(draws(new Random(seed, stream), 50)).toEqual(draws(new Random(seed, stream), 50));
    }
  });

  test('gives the numbers of the published generator, so that a stored seed repeats its run in any version', () => {
    // Computed by another program, written after the sources that random.ts names.
    expect(draws(new Random(42), 4)).toEqual([2834941501, 862905087, 383601768, 3789314637]);
    expect(draws(new Random(2 ** 40 + 7, 3), 4)).toEqual([2173200472, 623595147, 3568914629, 3535852856]);
  });

  test('gives other numbers for every other seed, also beyond 32 bits, and for every other stream', () => {
    const seeds = [0, 1, 2, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 1];
    const streams = [0, 1, 2, 1000];
    const seen = seeds.flatMap((seed) =>
      streams.map((stream) => draws(new Random(seed, stream), 4).join(' ')),
    );
    expect(new Set(seen).size).toBe(seeds.length * streams.length);
  });

  test('has streams that share no numbers in step and are not correlated', () => {
    const a = new Random(7, 0);
    const b = new Random(7, 1);
    let products = 0;
    for (let i = 0; i < DRAWS; i++) products += (a.fraction() - 0.5) * (b.fraction() - 0.5);
    // The product of two independent fractions has the standard deviation 1/12; five of the mean's are allowed.
    expect(Math.abs(products / DRAWS)).toBeLessThan((5 * (1 / 12)) / Math.sqrt(DRAWS));
  });

  const lows: [what: string, draw: (random: Random) => number][] = [
    ['uint32 (high bits)', (random) => random.uint32() >>> 24],
    ['uint32 (low bits)', (random) => random.uint32() & 255],
    ['fraction', (random) => Math.floor(random.fraction() * 256)],
    ['below', (random) => random.below(256)],
    ['fill', (random) => firstByte(random)],
  ];
  test.each(lows)('%s is uniform over 256 classes', (_what, draw) => {
    const counts = new Float64Array(256);
    const random = new Random(2024);
    for (let i = 0; i < DRAWS; i++) {
      const drawn = draw(random);
      counts.set([(counts.at(drawn) ?? 0) + 1], drawn);
    }
    const expected = DRAWS / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 0.0005 and 0.9995 quantiles of chi-square with 255 degrees of freedom (Wilson-Hilferty); the seed is fixed.
    expect(chiSquare).toBeGreaterThan(187.1);
    expect(chiSquare).toBeLessThan(336);
  });

  test('exponential has mean 1, variance 1 and the tail of e^-x', () => {
    const random = new Random(3);
    const values = Float64Array.from({ length: DRAWS }, () => random.exponential());
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(1, 1.8);
    expect(variance).toBeCloseTo(1, 1.4);
    expect(Math.min(...values.subarray(0, 10_000))).toBeGreaterThanOrEqual(0);
    for (const limit of [0.5, 1, 3, 6]) {
      const share = Math.exp(-limit);
      const observed = values.filter((value) => value > limit).length / DRAWS;
      expect(Math.abs(observed - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / DRAWS));
    }
  });

  test('normal has mean 0, variance 1, no skew and the kurtosis 3', () => {
    const random = new Random(4);
    const values = Float64Array.from({ length: DRAWS }, () => random.normal());
    const { mean, variance, skewness, kurtosis } = moments(values);
    // Standard errors for n draws: 1/sqrt(n), sqrt(2/n), sqrt(6/n), sqrt(24/n).
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / DRAWS));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / DRAWS));
    expect(Math.abs(skewness)).toBeLessThan(5 * Math.sqrt(6 / DRAWS));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / DRAWS));
  });

  test('below stays below, and reaches both ends', () => {
    const random = new Random(5);
    const seen = new Set(Array.from({ length: 1000 }, () => random.below(3)));
    expect(seen).toEqual(new Set([0, 1, 2]));
    expect(random.below(1)).toBe(0);
  });

  test('fill fills every byte and repeats with the seed', () => {
    const [a, b] = [new Uint8Array(999), new Uint8Array(999)];
    new Random(6).fill(a);
    new Random(6).fill(b);
    expect(a).toEqual(b);
    expect(new Set(a).size).toBeGreaterThan(240);
    expect(a.at(-1)! + a.at(-2)! + a.at(-3)!).toBeGreaterThan(0);
  });
});

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

function firstByte(random: Random): number {
  const bytes = Buffer.alloc(1);
  random.fill(bytes);
  return bytes.readUInt8();
}

function moments(values: Float64Array): Record<'mean' | 'variance' | 'skewness' | 'kurtosis', number> {
  const central = (power: number, mean: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const mean = central(1, 0);
  const variance = central(2, mean);
  const skewness = central(3, mean) / variance ** 1.5;
  return { mean, variance, skewness, kurtosis: central(4, mean) / variance ** 2 };
}
