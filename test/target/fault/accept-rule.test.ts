import { describe, expect, test } from 'vitest';

import { AcceptPause } from '../../../src/target/fault/accept-rule.ts';

describe('AcceptPause', () => {
  const START_US = 1000;

  test.each([
    ['before it', 1049, 1049],
    ['in it', 1050, 1060],
    ['at its end', 1060, 1060],
    ['long after it', 9000, 9000],
  ])('accepts nothing for its stretch: %s', (_, nowUs, readyUs) => {
    const pause = new AcceptPause({ startUs: 50, lengthUs: 10 }, () => START_US);
    expect(pause.readyUs(nowUs)).toBe(readyUs);
  });

  test.each([
    ['before the first', 1049, 1049],
    ['between two', 1149, 1149],
    ['in the second', 1155, 1160],
    ['in the eleventh', 2050, 2060],
    ['after the eleventh', 2061, 2061],
  ])('accepts nothing each time where it repeats: %s', (_, nowUs, readyUs) => {
    const pause = new AcceptPause({ startUs: 50, lengthUs: 10, everyUs: 100 }, () => START_US);
    expect(pause.readyUs(nowUs)).toBe(readyUs);
  });
});
