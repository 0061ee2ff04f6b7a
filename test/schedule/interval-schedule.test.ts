import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  INTERVAL_US,
  intervalEndUs,
  intervalPhase,
  type IntervalScheduleOptions,
} from '../../src/schedule/interval-schedule.ts';

const options = fc
  .record({
    intervalUs: fc.constantFrom(INTERVAL_US, 250_000, 999_983),
    warmupUs: fc.oneof(fc.constant(0), fc.nat(8_000_000)),
    measureUs: fc.integer({ min: 1, max: 12_000_000 }),
  })
  .map(({ intervalUs, warmupUs, measureUs }) => ({
    intervalUs,
    warmupUs,
    durationUs: warmupUs + measureUs,
  }));

describe('intervalEndUs', () => {
  test('tiles the time without gap or overlap, an interval long at most', () => {
    fc.assert(
      fc.property(options, (plan) => {
        const ends = tile(plan, plan.durationUs + 5 * plan.intervalUs);
        ends.forEach((endUs, i) => {
          const lengthUs = endUs - (ends[i - 1] ?? 0);
          expect(lengthUs).toBeGreaterThan(0);
          expect(lengthUs).toBeLessThanOrEqual(plan.intervalUs);
        });
        // Nothing but the plan's two cuts ends an interval away from a multiple.
        const odd = ends.filter((endUs) => endUs % plan.intervalUs !== 0);
        expect([plan.warmupUs, plan.durationUs]).toEqual(expect.arrayContaining(odd));
      }),
    );
  });

  test('ends an interval where a phase ends, so that none belongs to two', () => {
    fc.assert(
      fc.property(options, (plan) => {
        let startUs = 0;
        for (const endUs of tile(plan, plan.durationUs + 2 * plan.intervalUs)) {
          const middleUs = (startUs + endUs) / 2;
          expect(intervalPhase(middleUs, plan)).toBe(intervalPhase(startUs, plan));
          for (const cutUs of [plan.warmupUs, plan.durationUs]) {
            expect(startUs < cutUs && cutUs < endUs).toBe(false);
          }
          startUs = endUs;
        }
      }),
    );
  });

  test('is the same for every time inside one interval', () => {
    fc.assert(
      fc.property(options, fc.nat(999), (plan, thousandths) => {
        let startUs = 0;
        for (const endUs of tile(plan, plan.durationUs)) {
          const insideUs = startUs + ((endUs - startUs) * thousandths) / 1000;
          expect(intervalEndUs(insideUs, plan)).toBe(endUs);
          startUs = endUs;
        }
      }),
    );
  });
});

describe('intervalPhase', () => {
  const plan = { intervalUs: INTERVAL_US, warmupUs: 1_500_000, durationUs: 4_000_000 };
  const cases: [what: string, startUs: number, phase: string][] = [
    ['the run begins with the warm-up', 0, 'warmup'],
    ['the warm-up lasts to its last microsecond', 1_499_999, 'warmup'],
    ['measuring begins where the warm-up ends', 1_500_000, 'measure'],
    ['it lasts to the last microsecond of the duration', 3_999_999, 'measure'],
    ['what comes after the duration is the drain', 4_000_000, 'drain'],
    ['the drain goes on', 60_000_000, 'drain'],
  ];
  test.each(cases)('%s', (_what, startUs, phase) => {
    expect(intervalPhase(startUs, plan)).toBe(phase);
  });

  test('measures from the start where there is no warm-up', () => {
    expect(intervalPhase(0, { ...plan, warmupUs: 0 })).toBe('measure');
  });
});

/** Ends of the intervals one after the other, up to `untilUs` at least. */
function tile(plan: IntervalScheduleOptions, untilUs: number): number[] {
  const ends: number[] = [];
  for (let atUs = 0; atUs < untilUs;) {
    atUs = intervalEndUs(atUs, plan);
    ends.push(atUs);
  }
  return ends;
}
