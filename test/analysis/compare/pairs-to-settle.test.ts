import { expect, test } from 'vitest';
import { pairsToSettle, PAIRS_MAX } from '../../../src/analysis/compare/pairs-to-settle.ts';

const DELTA = Math.log(1.05);
/** Spread of about 6%. */
const DIFFERENCES = [0.08, -0.05, 0.02, 0.06, -0.07, -0.03, 0.05, -0.06];

function settle(center: number, scale: number): number | null {
  return pairsToSettle({
    differences: DIFFERENCES.map((difference) => difference * scale),
    center,
    delta: DELTA,
    confidence: 0.95,
    seed: 3,
  });
}

test('fewer pairs settle a larger change, and more a wider scatter', () => {
  const [large, small] = [settle(0.15, 1) ?? NaN, settle(0.09, 1) ?? NaN];
  expect(large).toBeLessThan(small);
  expect(settle(0.15, 0.5) ?? NaN).toBeLessThanOrEqual(large);
  expect(settle(0, 1) ?? NaN).toBeGreaterThan(8);
});

test('no change settles as the same with as many pairs as the normal theory says, about', () => {
  // (1.96 + 1.28)^2 x 0.0606^2 / 0.0488^2 = 16 pairs for 80% with both bounds.
  const pairs = settle(0, 1) ?? NaN;
  expect(pairs).toBeGreaterThanOrEqual(13);
  expect(pairs).toBeLessThanOrEqual(22);
});

test('a change as large as delta is not settled by any number that is offered', () => {
  expect(settle(DELTA, 1)).toBeNull();
  expect(PAIRS_MAX).toBe(64);
});
