import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { OpenSchedule, type OpenScheduleOptions } from '../../src/schedule/open-schedule.ts';

const plans = fc.record({
  originUs: fc.double({ min: 0, max: 1e12, noNaN: true }),
  totalRatePerSecond: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
  connections: fc.integer({ min: 1, max: 40 }),
});

describe('OpenSchedule', () => {
  test('has the arrivals of all connections at origin + n / R, n = 0, 1, 2 ...', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 12 }), (plan, frames) => {
        const arrivals = Array.from({ length: plan.connections }, (_, connection) =>
          first(schedule(plan, connection), frames),
        ).flat();
        arrivals.sort((a, b) => a - b);
        arrivals.forEach((atUs, n) => {
          expectSameTime(atUs, plan.originUs + (n * 1e6) / plan.totalRatePerSecond);
        });
      }),
    );
  });

  test('has the same arrivals whatever way the connections are split over shards', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 7 }), (plan, shards) => {
        const whole = Array.from({ length: plan.connections }, (_, connection) =>
          first(schedule(plan, connection), 5),
        ).flat();
        const parts: number[] = [];
        for (let shard = 0; shard < shards; shard++) {
          for (let connection = shard; connection < plan.connections; connection += shards) {
            parts.push(...first(schedule(plan, connection), 5));
          }
        }
        expect(parts.toSorted((a, b) => a - b)).toEqual(whole.toSorted((a, b) => a - b));
      }),
    );
  });

  test('begins with the first arrival at or after the time from which it is open', () => {
    fc.assert(
      fc.property(plans, fc.double({ min: -10, max: 500, noNaN: true }), (plan, periods) => {
        const connection = plan.connections - 1;
        const periodUs = (plan.connections * 1e6) / plan.totalRatePerSecond;
        const fromUs = plan.originUs + periods * periodUs;
        const { nextUs } = schedule(plan, connection, fromUs);
        const firstUs = schedule(plan, connection).nextUs;
        expect(nextUs).toBeGreaterThanOrEqual(firstUs);
        expect(nextUs).toBeGreaterThanOrEqual(fromUs - roundingUs(fromUs));
        // The arrival before it was too early, or there was none.
        if (nextUs > firstUs) expect(nextUs - periodUs).toBeLessThan(fromUs + roundingUs(fromUs));
        const index = (nextUs - firstUs) / periodUs;
        expect(Math.abs(index - Math.round(index))).toBeLessThan(1e-3);
      }),
    );
  });

  test('does not drift: the millionth arrival is where multiplication puts it', () => {
    const one = new OpenSchedule({ ...of(3, 7), fromUs: 0 });
    for (let i = 0; i < 1_000_000; i++) one.advance();
    expect(one.nextUs).toBe(1e6 / 3 + 1_000_000 * ((7 * 1e6) / 3));
  });

  test('does not move an arrival for a late reply', () => {
    const one = new OpenSchedule({ ...of(1000, 2), fromUs: 0 });
    one.advance();
    const { nextUs } = one;
    one.completed();
    expect(one.nextUs).toBe(nextUs);
  });

  test('counts as overdue what a walk to the end meets', () => {
    fc.assert(
      fc.property(plans, fc.double({ min: -3, max: 60, noNaN: true }), fc.nat(10), (plan, periods, sent) => {
        const one = schedule(plan, 0);
        for (let i = 0; i < sent; i++) one.advance();
        const endUs = plan.originUs + (periods * plan.connections * 1e6) / plan.totalRatePerSecond;
        const overdue = one.overdue(endUs);
        const walked = walkTo(one, endUs);
        // An arrival within rounding of the end may count or not.
        if (Math.abs(periods - Math.round(periods)) > 1e-3) expect(overdue).toBe(walked);
        else expect(Math.abs(overdue - walked)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not count the arrival at the very end as overdue: it belongs to what comes after', () => {
    const one = new OpenSchedule({ ...of(1, 1), connection: 0, fromUs: 0 });
    expect([0, 1, 1e6, 1e6 + 1, 3e6].map((endUs) => one.overdue(endUs))).toEqual([0, 1, 1, 2, 3]);
  });
});

type Plan = Pick<OpenScheduleOptions, 'originUs' | 'totalRatePerSecond' | 'connections'>;

function schedule(plan: Plan, connection: number, fromUs: number = 0): OpenSchedule {
  return new OpenSchedule({ ...plan, connection, fromUs });
}

/** Origin 0, connection 1. */
function of(totalRatePerSecond: number, connections: number): Omit<OpenScheduleOptions, 'fromUs'> {
  return { originUs: 0, totalRatePerSecond, connection: 1, connections };
}

function first(one: OpenSchedule, frames: number): number[] {
  return Array.from({ length: frames }, () => {
    const { nextUs } = one;
    one.advance();
    return nextUs;
  });
}

function walkTo(one: OpenSchedule, endUs: number): number {
  let frames = 0;
  for (; one.nextUs < endUs; one.advance()) frames++;
  return frames;
}

/** Doubles of the size of the machine's clock are so far apart, with room for three operations. */
function roundingUs(timeUs: number): number {
  return Math.max(1, Math.abs(timeUs)) * 2 ** -50;
}

function expectSameTime(atUs: number, wantedUs: number): void {
  expect(Math.abs(atUs - wantedUs)).toBeLessThanOrEqual(roundingUs(wantedUs));
}
