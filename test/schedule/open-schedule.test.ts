import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { OpenSchedule, type ArrivalKind } from '../../src/schedule/open-schedule.ts';
import { RateCurve, type RateStage } from '../../src/schedule/rate-curve.ts';

interface Plan {
  originUs: number;
  ratePerSecond: number;
  stages: RateStage[];
  connections: number;
  arrivals: ArrivalKind;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  originUs: fc.double({ min: 0, max: 1e12, noNaN: true }),
  ratePerSecond: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
  stages: fc.array(
    fc.record({
      durationUs: fc.integer({ min: 0, max: 1e6 }),
      ratePerSecond: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
    }),
    { maxLength: 4 },
  ),
  connections: fc.integer({ min: 1, max: 40 }),
  arrivals: fc.constantFrom('constant', 'poisson'),
});

const constantPlans = plans.map((plan): Plan => ({ ...plan, arrivals: 'constant', stages: [] }));

function curveOf({ originUs, ratePerSecond, stages }: Plan): RateCurve {
  return new RateCurve({ originUs, ratePerSecond, stages });
}

function schedule(plan: Plan, connection: number, curve: RateCurve = curveOf(plan)): OpenSchedule {
  const { arrivals, connections } = plan;
  return new OpenSchedule({ curve, arrivals, seed: 7, connection, connections });
}

/** Origin 0, constant arrivals. */
function simple(ratePerSecond: number, connections: number): Plan {
  return { originUs: 0, ratePerSecond, stages: [], connections, arrivals: 'constant' };
}

function first(one: OpenSchedule, frames: number): number[] {
  return Array.from({ length: frames }, () => {
    const { nextUs } = one;
    one.advance();
    return nextUs;
  });
}

/** A shard of the run: its connections' schedules on a curve of its own. */
function shardOf(plan: Plan, shard: number, shards: number): { curve: RateCurve; schedules: OpenSchedule[] } {
  const curve = curveOf(plan);
  const schedules: OpenSchedule[] = [];
  for (let connection = shard; connection < plan.connections; connection += shards) {
    schedules.push(schedule(plan, connection, curve));
  }
  return { curve, schedules };
}

function takeUntil(one: OpenSchedule, untilUs: number): number[] {
  const times: number[] = [];
  for (; one.nextUs < untilUs && times.length < 1000; one.advance()) times.push(one.nextUs);
  return times;
}

function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

/** Doubles of the size of the machine's clock are so far apart, with room for three operations. */
function roundingUs(timeUs: number): number {
  return Math.max(1, Math.abs(timeUs)) * 2 ** -50;
}

/**
 * The Kolmogorov-Smirnov distance between gaps and the exponential distribution of this mean, times the square root of
 * their count. Source: D. Knuth, The Art of Computer Programming, volume 2, 3.3.1 B.
 */
function ksStatistic(gaps: readonly number[], mean: number): number {
  const sorted = ascending(gaps);
  const n = sorted.length;
  const distances = sorted.map((gap, index) => {
    const p = 1 - Math.exp(-gap / mean);
    return Math.max(p - index / n, (index + 1) / n - p);
  });
  return Math.sqrt(n) * Math.max(...distances);
}

/** Exceeded by one in a thousand samples that are what they should be (Kolmogorov's limit distribution). */
const KS_LIMIT = 1.95;

describe('OpenSchedule of constant arrivals', () => {
  test('has the arrivals of all connections at origin + n / R, n = 0, 1, 2 ...', () => {
    fc.assert(
      fc.property(constantPlans, fc.integer({ min: 1, max: 12 }), (plan, frames) => {
        const times = shardOf(plan, 0, 1).schedules.flatMap((one) => first(one, frames));
        ascending(times).forEach((atUs, n) => {
          const wantedUs = plan.originUs + (n * 1e6) / plan.ratePerSecond;
          expect(Math.abs(atUs - wantedUs)).toBeLessThanOrEqual(roundingUs(wantedUs));
        });
      }),
    );
  });

  test('does not drift: the millionth arrival is where multiplication puts it', () => {
    const one = schedule(simple(3, 7), 1);
    for (let i = 0; i < 1_000_000; i++) one.advance();
    expect(one.nextUs).toBe(((1 + 1_000_000 * 7) * 1e6) / 3);
  });

  test('does not move an arrival for a late reply', () => {
    const one = schedule(simple(1000, 2), 1);
    one.advance();
    const { nextUs } = one;
    one.completed();
    expect(one.nextUs).toBe(nextUs);
  });

  test('does not count the arrival at the very end as skipped: it belongs to what comes after', () => {
    const skipped = [0, 1, 1e6, 1e6 + 1, 3e6].map((untilUs) => schedule(simple(1, 1), 0).skipTo(untilUs));
    expect(skipped).toEqual([0, 1, 1, 2, 3]);
  });
});

describe('OpenSchedule of either kind', () => {
  test('has the same arrivals whatever way the connections are split over shards', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 7 }), (plan, shards) => {
        const whole = shardOf(plan, 0, 1).schedules.flatMap((one) => first(one, 5));
        const parts = Array.from({ length: shards }, (_, shard) => shardOf(plan, shard, shards));
        const times = parts.flatMap(({ schedules }) => schedules.flatMap((one) => first(one, 5)));
        expect(ascending(times)).toEqual(ascending(whole));
      }),
    );
  });

  test('has the same arrivals after a change, however far each shard had come when it was told', () => {
    const told = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });
    const rates = fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 1000, noNaN: true }));
    const slow = plans.map((plan) => ({
      ...plan,
      ratePerSecond: Math.min(plan.ratePerSecond, 1000),
      stages: [],
    }));
    fc.assert(
      fc.property(slow, told, rates, (plan, shares, rate) => {
        const changeUs = plan.originUs + 500_000;
        const untilUs = plan.originUs + 1_000_000;
        const run = (shard: number, shards: number, share: number): number[] => {
          const { curve, schedules } = shardOf(plan, shard, shards);
          const before = schedules.flatMap((one) => takeUntil(one, plan.originUs + share * 500_000));
          curve.changeAt(changeUs, rate);
          for (const one of schedules) one.revise();
          return [...before, ...schedules.flatMap((one) => takeUntil(one, untilUs))];
        };
        const parts = shares.flatMap((share, shard) => run(shard, shares.length, share));
        expect(ascending(parts)).toEqual(ascending(run(0, 1, 0)));
      }),
    );
  });

  test('skips as many frames as a walk meets, and stands where the walk does', () => {
    const part = fc.double({ min: -0.1, max: 2, noNaN: true });
    fc.assert(
      fc.property(plans, part, part, fc.nat(10), (plan, seconds, more, sent) => {
        const slow = {
          ...plan,
          ratePerSecond: Math.min(plan.ratePerSecond, 2000),
          stages: plan.stages.map((s) => ({ ...s, ratePerSecond: Math.min(s.ratePerSecond, 2000) })),
        };
        const [walked, skipped] = [schedule(slow, 0), schedule(slow, 0)];
        for (let i = 0; i < sent; i++) for (const one of [walked, skipped]) one.advance();
        for (const untilUs of [slow.originUs + seconds * 1e6, slow.originUs + (seconds + more) * 1e6]) {
          let frames = 0;
          for (; walked.nextUs < untilUs; walked.advance()) frames++;
          expect(skipped.skipTo(untilUs)).toBe(frames);
          expect(skipped.nextUs).toBe(walked.nextUs);
        }
      }),
    );
  });

  test('skips a thousand million Poisson arrivals at once, and about as many as were due', () => {
    const plan: Plan = { ...simple(1e9, 2), arrivals: 'poisson' };
    const one = schedule(plan, 1);
    const skipped = one.skipTo(2e6);
    expect(Math.abs(skipped - 1e9)).toBeLessThan(5 * Math.sqrt(1e9));
    expect(one.nextUs).toBeGreaterThanOrEqual(2e6);
    expect(one.skipTo(2e6)).toBe(0);
    const again = schedule(plan, 1);
    expect(again.skipTo(2e6)).toBe(skipped);
    const more = first(one, 1000);
    expect((more.at(-1) ?? 0) - 2e6).toBeLessThan(4);
  });

  test('never goes back in time', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const times = first(schedule(plan, 0), 50);
        expect(times).toEqual(ascending(times));
      }),
    );
  });
});

describe('OpenSchedule of Poisson arrivals', () => {
  const poisson: Plan = {
    originUs: 0,
    ratePerSecond: 1000,
    stages: [],
    connections: 20,
    arrivals: 'poisson',
  };

  test('has gaps that pass a Kolmogorov-Smirnov test, on each connection and over all', () => {
    const { schedules } = shardOf(poisson, 0, 1);
    const times = schedules.map((one) => takeUntil(one, 20e6));
    for (const own of times) expect(ksStatistic(gapsOf(own), 20_000)).toBeLessThan(KS_LIMIT);
    expect(ksStatistic(gapsOf(ascending(times.flat())), 1000)).toBeLessThan(KS_LIMIT);
  });

  test('does not pass that test where arrivals are constant, so the test can fail', () => {
    const times = takeUntil(schedule({ ...poisson, arrivals: 'constant' }, 0), 20e6);
    expect(ksStatistic(gapsOf(times), 20_000)).toBeGreaterThan(KS_LIMIT);
  });

  test('follows a ramp: counts of equal areas are alike', () => {
    const stages = [{ durationUs: 40e6, ratePerSecond: 1000 }];
    const { schedules } = shardOf({ ...poisson, ratePerSecond: 0, stages, connections: 50 }, 0, 1);
    const times = schedules.flatMap((one) => takeUntil(one, 40e6));
    // L(t) = 12.5 t^2: a quarter of the 20,000 frames is due before half of the time. Sigma is 61.
    expect(Math.abs(times.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
    const early = times.filter((atUs) => atUs < 20e6).length;
    expect(Math.abs(early - 5000)).toBeLessThan(4 * Math.sqrt(5000));
  });

  test('is another sequence with another seed, and the same with the same', () => {
    const of = (seed: number): number[] =>
      first(
        new OpenSchedule({
          curve: curveOf(poisson),
          arrivals: 'poisson',
          seed,
          connection: 0,
          connections: 1,
        }),
        5,
      );
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((atUs, index) => atUs - (times[index] ?? 0));
}
