import { expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { powerSpectrum } from '../../../src/analysis/drift/fourier.ts';

test.each([2, 8, 64])('powerSpectrum of %d values is that of the sum written out', (length) => {
  const random = new Random(length);
  const series = Float64Array.from({ length }, () => random.normal());
  const power = powerSpectrum(series);
  expect(power).toHaveLength(length / 2 + 1);
  power.forEach((value, k) => {
    let cosines = 0;
    let sines = 0;
    series.forEach((x, t) => {
      cosines += x * Math.cos((2 * Math.PI * k * t) / length);
      sines += x * Math.sin((2 * Math.PI * k * t) / length);
    });
    expect(value).toBeCloseTo(cosines ** 2 + sines ** 2, 8);
  });
});
