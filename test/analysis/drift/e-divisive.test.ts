import { expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { eDivisive } from '../../../src/analysis/drift/e-divisive.ts';

function noise(random: Random): Float64Array {
  return Float64Array.from({ length: 24 }, () => random.normal());
}

test('eDivisive finds where the level changed', () => {
  const random = new Random(1);
  for (const at of [4, 12, 20]) {
    const values = noise(random).map((value, i) => value + (i >= at ? 8 : 0));
    const { split, p } = eDivisive(values, random);
    expect(split).toBe(at);
    expect(p).toBeLessThan(0.001);
  }
});

test('eDivisive finds nothing in equal values', () => {
  expect(eDivisive(new Float64Array(24).fill(3), new Random(1))).toEqual({ split: 0, p: 1 });
});

test('eDivisive gives a p that chance keeps: a tenth of independent rows are below 0.1', () => {
  const random = new Random(7);
  let below = 0;
  for (let row = 0; row < 1000; row++) if (eDivisive(noise(random), random).p <= 0.1) below++;
  expect(below).toBeGreaterThan(60);
  expect(below).toBeLessThan(140);
});
