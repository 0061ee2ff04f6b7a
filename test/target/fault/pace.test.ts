import { describe, expect, test } from 'vitest';

import { nextStepUs } from '../../../src/target/fault/pace.ts';

describe('nextStepUs', () => {
  test.each([
    ['in time', 1000, 6000],
    ['a little late', 2500, 6000],
    ['as late as is made up for', 11_000, 6000],
    ['later than that', 11_001, 16_001],
    ['after a freeze', 3_000_000, 3_005_000],
  ])('counts from when a step was due, unless it was held up: %s', (_, nowUs, nextUs) => {
    expect(nextStepUs(1000, nowUs, 5000)).toBe(nextUs);
  });

  test('begins with the first step', () => {
    expect(nextStepUs(-Infinity, 700, 5000)).toBe(5700);
  });
});
