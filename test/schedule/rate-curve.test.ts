import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RateCurve, type RateCurveOptions, type RateStage } from '../../src/schedule/rate-curve.ts';

const anyRate = fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 1e5, noNaN: true }));
const anyStages = fc.array(
  fc.record({ durationUs: fc.integer({ min: 0, max: 60e6 }), ratePerSecond: anyRate }),
  { maxLength: 6 },
);
const anyCurve = fc.record({
  originUs: fc.constantFrom(0, 1e12),
  ratePerSecond: anyRate,
  stages: anyStages,
});

function curveOf(options: Partial<RateCurveOptions>): RateCurve {
  return new RateCurve({ originUs: 0, ratePerSecond: 0, stages: [], ...options });
}

function dueUs(curve: RateCurve, count: number): number {
  return curve.dueUs(count, curve.segmentOf(count, 0));
}

/** The frames that are due before `untilUs`, walked one by one. */
function walk(curve: RateCurve, untilUs: number): number {
  let count = 0;
  for (let segment = 0; ; count++) {
    segment = curve.segmentOf(count, segment);
    if (curve.dueUs(count, segment) >= untilUs) return count;
  }
}

function endUs({ stages }: { stages: readonly RateStage[] }): number {
  return stages.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

describe('RateCurve', () => {
  test('of a constant rate has frame n at n / R', () => {
    const curve = curveOf({ originUs: 5e6, ratePerSecond: 250 });
    expect([0, 1, 2, 250, 0.5].map((n) => dueUs(curve, n))).toEqual([
      5e6, 5_004_000, 5_008_000, 6e6, 5_002_000,
    ]);
  });

  test('of a rate of 0 that stays has no frame at all', () => {
    expect(dueUs(curveOf({}), 0)).toBe(Infinity);
  });

  test.each<[string, Partial<RateCurveOptions>, number, number]>([
    ['a ramp from 0', { stages: [{ durationUs: 10e6, ratePerSecond: 100 }] }, 10e6, 500],
    ['a ramp down to 0', { ratePerSecond: 100, stages: [{ durationUs: 10e6, ratePerSecond: 0 }] }, 10e6, 500],
    [
      'a ramp between rates',
      { ratePerSecond: 100, stages: [{ durationUs: 10e6, ratePerSecond: 200 }] },
      10e6,
      1500,
    ],
    ['a hold after a jump', { stages: [{ durationUs: 0, ratePerSecond: 50 }] }, 10e6, 500],
    [
      'a spike',
      {
        ratePerSecond: 10,
        stages: [
          { durationUs: 10e6, ratePerSecond: 10 },
          { durationUs: 0, ratePerSecond: 1000 },
          { durationUs: 1e6, ratePerSecond: 1000 },
          { durationUs: 0, ratePerSecond: 10 },
        ],
      },
      21e6,
      1200,
    ],
    [
      'a pause',
      {
        ratePerSecond: 10,
        stages: [
          { durationUs: 10e6, ratePerSecond: 10 },
          { durationUs: 0, ratePerSecond: 0 },
          { durationUs: 5e6, ratePerSecond: 0 },
          { durationUs: 0, ratePerSecond: 10 },
        ],
      },
      25e6,
      200,
    ],
  ])('has as many frames as its area: %s', (_, options, untilUs, area) => {
    const curve = curveOf(options);
    expect(curve.countAt(untilUs)).toBeCloseTo(area, 6);
    expect(walk(curve, untilUs)).toBe(area);
  });

  test('has as many frames as its area, whatever the stages', () => {
    const small = anyCurve.filter(({ stages, ratePerSecond }) => stages.length + ratePerSecond < 50);
    fc.assert(
      fc.property(small, (options) => {
        const scaled = {
          ...options,
          originUs: 0,
          stages: options.stages.map((s) => ({ ...s, ratePerSecond: s.ratePerSecond / 1000 })),
        };
        const curve = curveOf(scaled);
        const untilUs = endUs(scaled);
        const area = curve.countAt(untilUs);
        // Where the area is a whole number, rounding decides whether its last frame is before the end.
        expect(Math.abs(walk(curve, untilUs) - area)).toBeLessThan(1 + 1e-6);
      }),
    );
  });

  test('has each frame where the count before it is its number, and later frames later', () => {
    fc.assert(
      fc.property(
        anyCurve,
        fc.array(
          fc.integer({ min: 0, max: 1e9 }).map((thousandths) => thousandths / 1000),
          { minLength: 1 },
        ),
        (options, counts) => {
          const curve = curveOf(options);
          let beforeUs = -Infinity;
          for (const count of counts.toSorted((a, b) => a - b)) {
            const atUs = dueUs(curve, count);
            expect(atUs).toBeGreaterThanOrEqual(beforeUs);
            beforeUs = atUs;
            // Doubles of the clock's size are 2^-13 us apart, in which so much of a frame comes due.
            if (atUs < Infinity)
              expect(Math.abs(curve.countAt(atUs) - count)).toBeLessThan(1e-3 + count * 1e-9);
          }
        },
      ),
    );
  });

  test('sends nothing while the rate is 0, and goes on where it rises', () => {
    const curve = curveOf({
      stages: [
        { durationUs: 10e6, ratePerSecond: 0 },
        { durationUs: 0, ratePerSecond: 100 },
      ],
    });
    expect([0, 1].map((n) => dueUs(curve, n))).toEqual([10e6, 10_010_000]);
  });
});

describe('RateCurve that is changed while it is followed', () => {
  test('keeps what was due before, and has the new rate from then on', () => {
    const curve = curveOf({ ratePerSecond: 10, stages: [{ durationUs: 10e6, ratePerSecond: 110 }] });
    const before = Array.from({ length: 200 }, (_, n) => dueUs(curve, n));
    curve.changeAt(5e6, 1000);
    const count = curve.countAt(5e6);
    expect(count).toBeCloseTo(175, 6);
    const kept = Math.ceil(count);
    expect(Array.from({ length: kept }, (_, n) => dueUs(curve, n))).toEqual(before.slice(0, kept));
    expect(dueUs(curve, 176) - dueUs(curve, 175)).toBeCloseTo(1000, 6);
    expect([4e6, 5e6, 60e6].map((atUs) => curve.ratePerSecondAt(atUs))).toEqual([50, 1000, 1000]);
  });

  test('pauses at 0 and resumes without a frame for the time between', () => {
    const curve = curveOf({ ratePerSecond: 1000 });
    curve.changeAt(1e6, 0);
    expect([999, 1000].map((n) => dueUs(curve, n))).toEqual([999_000, Infinity]);
    curve.changeAt(3e6, 1000);
    expect([999, 1000, 1001].map((n) => dueUs(curve, n))).toEqual([999_000, 3e6, 3_001_000]);
  });

  test('replaces all of itself where the change comes before its origin', () => {
    const curve = curveOf({
      originUs: 1e6,
      ratePerSecond: 1,
      stages: [{ durationUs: 1e6, ratePerSecond: 9 }],
    });
    curve.changeAt(0, 1000);
    expect([0, 1].map((n) => dueUs(curve, n))).toEqual([1e6, 1_001_000]);
    expect([0, 1e6].map((atUs) => curve.ratePerSecondAt(atUs))).toEqual([0, 1000]);
  });
});
