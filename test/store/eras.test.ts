import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstEra, planWidening, total, widthOf, WIDTHS_SECONDS, type Era } from '../../src/store/eras.ts';

/** A record of a second an interval, of `seconds` intervals of 1000 bytes. */
function recordOf(seconds: number): Era[] {
  return [{ ...firstEra(), lines: seconds, bytes: seconds * 1000 }];
}

describe('planWidening', () => {
  test('leaves a record alone that fits', () => {
    expect(planWidening(recordOf(100), { lines: 100, bytes: 100_000, endSeconds: 100 })).toBeNull();
  });

  test('widens the older half of a record to 5 s first', () => {
    const plan = planWidening(recordOf(1000), { lines: 900, bytes: 1e9, endSeconds: 1000 });
    expect(plan?.map(({ untilSeconds, widthSeconds }) => [untilSeconds, widthSeconds])).toEqual([
      [500, 5],
      [Infinity, 1],
    ]);
    expect(plan?.map(({ lines }) => lines)).toEqual([100, 500]);
  });

  test('keeps the newest time at full width and widths that fall towards it, whatever has to go', () => {
    const sizes = fc.record({
      seconds: fc.integer({ min: 20, max: 1_000_000 }),
      share: fc.double({ min: 0.001, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(sizes, ({ seconds, share }) => {
        const eras = recordOf(seconds);
        const plan = planWidening(eras, { lines: seconds * share, bytes: 1e15, endSeconds: seconds });
        if (plan === null) return;
        const widths = plan.map(({ widthSeconds }) => widthSeconds);
        expect(widths).toEqual(widths.toSorted((a, b) => b - a));
        expect(plan.at(-1)).toMatchObject({ untilSeconds: Infinity, widthSeconds: 1 });
        const bounds = plan.map(({ untilSeconds }) => untilSeconds);
        expect(bounds).toEqual([...new Set(bounds)].toSorted((a, b) => a - b));
        expect(total(plan).lines).toBeLessThanOrEqual(seconds);
      }),
    );
  });

  test('gives up where everything but the last seconds is as wide as can be', () => {
    const widest = WIDTHS_SECONDS.at(-1) ?? 1;
    const eras: Era[] = [
      { untilSeconds: widest * 10, widthSeconds: widest, lines: 10, bytes: 10_000 },
      { ...firstEra(), lines: 1, bytes: 1000 },
    ];
    expect(planWidening(eras, { lines: 5, bytes: 5000, endSeconds: widest * 10 + 1 })).toBeNull();
  });
});

test.each([
  [0.2, 1],
  [1, 1],
  [1.0004, 1],
  [1.5, 5],
  [60, 60],
  [1e9, 86_400],
])('widthOf an interval of %d s is %d s', (seconds, width) => expect(widthOf(seconds)).toBe(width));
