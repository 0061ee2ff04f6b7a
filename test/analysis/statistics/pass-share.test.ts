import { describe, expect, test } from 'vitest';

import { passShareAtLeast } from '../../../src/analysis/statistics/pass-share.ts';

describe('passShareAtLeast', () => {
  // All of n: (1 - confidence)^(1/n). The others: R, qbeta(1 - confidence, passed, trials - passed + 1).
  test.each([
    { passed: 14, trials: 14, confidence: 0.95, share: 0.80736 },
    { passed: 1, trials: 1, confidence: 0.95, share: 0.05 },
    { passed: 59, trials: 59, confidence: 0.95, share: 0.9505 },
    { passed: 13, trials: 14, confidence: 0.95, share: 0.70327 },
    { passed: 4, trials: 5, confidence: 0.95, share: 0.34259 },
    { passed: 8, trials: 10, confidence: 0.95, share: 0.4931 },
    { passed: 5, trials: 10, confidence: 0.975, share: 0.18709 },
    { passed: 0, trials: 10, confidence: 0.95, share: 0 },
  ])('gives $share for $passed of $trials at $confidence', ({ share, ...passed }) => {
    expect(passShareAtLeast(passed)).toBeCloseTo(share, 4);
  });

  test('is 95% sure unless asked otherwise', () => {
    expect(passShareAtLeast({ passed: 14, trials: 14 })).toBeCloseTo(0.05 ** (1 / 14), 12);
  });
});
