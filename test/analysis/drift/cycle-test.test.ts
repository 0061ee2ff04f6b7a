import { expect, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { Rows } from '../../../src/analysis/drift/batches.ts';
import { testCycle } from '../../../src/analysis/drift/cycle-test.ts';

const HOUR = 3600;

function rowsOf(length: number): Rows {
  return { times: Float64Array.from({ length }, (_, i) => i + 0.5), widthSeconds: 1 };
}

/** Latencies of an hour, autoregressive by 0.6, with a stall in every interval of which `isStall` says so. */
function latencies(seed: number, isStall: (index: number) => boolean): Float64Array {
  const random = new Random(seed);
  let noise = 0;
  return Float64Array.from({ length: HOUR }, (_, i) => {
    noise = 0.6 * noise + 0.8 * random.normal();
    return 2000 + 200 * noise + (isStall(i) ? 40_000 : 0);
  });
}

test.each([37, 60, 7])('testCycle finds stalls every %d s, when they came, and their size', (period) => {
  const found = testCycle(
    rowsOf(HOUR),
    latencies(period, (i) => i % period === 5),
    1,
  );
  expect(found?.p).toBeLessThan(1e-6);
  expect(Math.abs((found?.periodSeconds ?? 0) - period)).toBeLessThanOrEqual(found?.periodErrorSeconds ?? 0);
  expect(Math.abs((found?.phaseSeconds ?? 0) - 5.5)).toBeLessThan(period / 15);
  expect(found?.peak).toBeGreaterThan(40_000);
  expect(found?.level).toBeLessThan(2400);
});

test('testCycle tells the share of the tail that the stalls make up', () => {
  const found = testCycle(
    rowsOf(HOUR),
    latencies(1, (i) => i % 37 === 5),
    1,
  );
  // 97 stalls among the 180 slowest intervals; of the other 83 a tenth lie there by chance.
  expect(found?.share).toBeGreaterThan(0.53);
  expect(found?.share).toBeLessThan(0.65);
  expect(found?.windowShare).toBeCloseTo(0.1, 2);
});

test('testCycle finds drops where the lowest values are the tail', () => {
  const values = latencies(3, (i) => i % 50 === 0).map((value) => -value);
  expect(testCycle(rowsOf(HOUR), values, -1)?.periodSeconds).toBeCloseTo(50, 0);
});

test('testCycle holds stalls that cluster at random against the frequencies beside them', () => {
  let alarms = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    let left = 0;
    const found = testCycle(
      rowsOf(HOUR),
      latencies(seed, () => {
        if (left === 0 && random.fraction() < 0.01) left = 10;
        if (left > 0) left--;
        return left > 0;
      }),
      1,
    );
    if ((found?.p ?? 1) < 0.01) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(2);
});

test('testCycle judges neither short runs nor values that are all equal', () => {
  expect(testCycle(rowsOf(100), new Float64Array(100), 1)).toBeNull();
  expect(testCycle(rowsOf(HOUR), new Float64Array(HOUR).fill(7), 1)).toBeNull();
});

test('testCycle finds stalls in spite of a gap and of missing values', () => {
  const values = latencies(9, (i) => i % 37 === 5).filter((_, i) => i < 1000 || i >= 1600);
  const times = rowsOf(HOUR).times.filter((_, i) => i < 1000 || i >= 1600);
  values.fill(NaN, 200, 230);
  expect(testCycle({ times, widthSeconds: 1 }, values, 1)?.periodSeconds).toBeCloseTo(37, 0);
});
