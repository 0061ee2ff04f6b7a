import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parsePlan, planServers } from '../../../src/analysis/capacity/capacity-plan.ts';

describe('parsePlan', () => {
  test.each([
    ['peak=200k/s headroom=30%', 'rate', { peak: 200_000, headroom: 0.3, spare: 0 }],
    ['headroom=0%,peak=1M/s', 'rate', { peak: 1e6, headroom: 0, spare: 0 }],
    ['peak=50k spare=2', 'connections', { peak: 50_000, headroom: 0.3, spare: 2 }],
  ] as const)('reads %j', (text, of, expected) => {
    expect(parsePlan(text, of)).toEqual(expected);
  });

  test.each([
    ['', 'none of peak='],
    ['peak=200k', 'has no unit'],
    ['peak=0/s', 'a peak is above 0'],
    ['peak=1k/s headroom=100%', 'is no headroom'],
    ['peak=1k/s headroom=0.3', 'is no headroom'],
    ['peak=1k/s peak=2k/s', 'peak is given twice'],
    ['peak=1k/s servers=3', '"servers=3" is none of'],
    ['headroom=30%', 'peak is missing'],
  ])('refuses %j', (text, words) => {
    expect(() => parsePlan(text, 'rate')).toThrow(words);
  });
});

describe('planServers', () => {
  test.each([
    [{ peak: 200_000, headroom: 0.3, spare: 0 }, 20_000, 15],
    [{ peak: 140_000, headroom: 0.3, spare: 0 }, 20_000, 10],
    [{ peak: 140_000, headroom: 0.3, spare: 1 }, 20_000, 11],
    [{ peak: 1, headroom: 0, spare: 0 }, 20_000, 1],
  ])('takes for %j, %d each: %d', (question, each, servers) => {
    expect(planServers(question, each).servers).toBe(servers);
  });

  test('is the least number that keeps the headroom, spare servers down', () => {
    const questions = fc.record({
      peak: fc.double({ min: 1, max: 1e7, noNaN: true }),
      headroom: fc.double({ min: 0, max: 0.9, noNaN: true }),
      spare: fc.integer({ min: 0, max: 5 }),
      each: fc.double({ min: 1, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(questions, ({ each, ...question }) => {
        const plan = planServers(question, each);
        expect(plan.loadedAtWorst).toBeLessThanOrEqual((1 - question.headroom) * (1 + 1e-6));
        const fewer = (plan.working - 1) * plan.eachAtPeak;
        if (plan.working > 1) expect(fewer).toBeLessThan(question.peak);
      }),
    );
  });
});
