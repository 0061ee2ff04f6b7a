import { describe, expect, test } from 'vitest';

import { Random } from '../../../src/base/random.ts';
import { FaultBook } from '../../../src/target/fault/fault-book.ts';
import { parseFault } from '../../../src/target/fault/fault-grammar.ts';
import { ByteRate } from '../../../src/target/fault/read-limit.ts';

const RATE = 100_000;

function byteRate(): ByteRate {
  return new ByteRate(RATE, new FaultBook(parseFault(`read-slowly:${RATE}B/s`)));
}

/** Reads whole steps, each as late as `lateUs` says, for `lengthUs`; `took` hears of each. */
function readFor(
  rate: ByteRate,
  lengthUs: number,
  lateUs: () => number,
  took: (bytes: number, nowUs: number) => void = () => undefined,
): number {
  let bytes = 0;
  for (let nowUs = 0; nowUs < lengthUs; nowUs = Math.max(nowUs, rate.readyUs()) + lateUs()) {
    rate.took(rate.bytesMax, nowUs);
    bytes += rate.bytesMax;
    took(bytes, nowUs);
  }
  return bytes;
}

describe('ByteRate', () => {
  test('keeps its rate on average, however late each read is by itself', () => {
    const random = new Random(1);
    const bytes = readFor(byteRate(), 10e6, () => random.fraction() * 3000);
    expect(bytes).toBeGreaterThan(0.999 * 10 * RATE);
  });

  test('allows no byte before its time', () => {
    const rate = byteRate();
    const random = new Random(2);
    readFor(
      rate,
      5e6,
      () => random.fraction() * 30_000,
      (bytes, nowUs) => {
        expect(bytes).toBeLessThanOrEqual((nowUs / 1e6) * RATE + rate.bytesMax + 1e-6);
      },
    );
  });

  test('does not make up for a freeze', () => {
    const rate = byteRate();
    readFor(rate, 1e6, () => 0);
    rate.took(rate.bytesMax, 5e6);
    expect(rate.readyUs()).toBe(5_010_000);
  });
});
