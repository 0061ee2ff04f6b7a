import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { COUNTER, newCounters, type CounterName } from '../../src/measure/counters.ts';
import { share } from '../../src/schedule/split.ts';
import { Arrivals, type ArrivalsOptions } from '../../src/session/arrivals.ts';
import { connectionAt, type CohortPlan } from '../../src/shard/shard-plan.ts';
import { sessionPlan, cohortPlan } from '../support/shard-run.ts';

const ADDRESS = { family: 4, host: '127.0.0.1', port: 1 } as const;

type Load = ArrivalsOptions['load'];

const constant = (totalRatePerSecond: number): Load => ({ model: 'open', totalRatePerSecond, window: null });

function bookOf(options: Partial<ArrivalsOptions> = {}): {
  book: Arrivals;
  count: (name: CounterName) => number;
} {
  const counters = newCounters();
  const slots = { first: 0, count: 1 };
  const base = { load: constant(1000), originUs: 0, patienceUs: 0, seed: 1, connections: 1, slots };
  return {
    book: new Arrivals({ ...base, ...options, counters }),
    count: (name) => counters[COUNTER[name]] ?? 0,
  };
}

function splitPlan(connections: number, shards: number): CohortPlan[] {
  const session = sessionPlan(ADDRESS, { connections });
  return Array.from({ length: shards }, (_, part) =>
    cohortPlan(session, { part, parts: shards, connections: share(connections, part, shards) }),
  );
}

/** What a shard that sends nothing at all owes at the end. */
function planned(plan: CohortPlan, load: Load, untilUs: number): number {
  const { connections } = plan.session;
  const { book, count } = bookOf({ load, connections, slots: { first: 0, count: plan.connections } });
  for (let slot = 0; slot < plan.connections; slot++) book.settle(slot, connectionAt(plan, slot), untilUs);
  return count('framesUnsent');
}

const counts = fc
  .record({ connections: fc.integer({ min: 1, max: 200 }), shards: fc.integer({ min: 1, max: 16 }) })
  .filter(({ connections, shards }) => shards <= connections);

test('connectionAt gives every connection of the run to one slot of one shard', () => {
  fc.assert(
    fc.property(counts, ({ connections, shards }) => {
      const numbers = splitPlan(connections, shards).flatMap((plan) =>
        Array.from({ length: plan.connections }, (_, slot) => connectionAt(plan, slot)),
      );
      expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(connections).keys()]);
    }),
  );
});

describe('Arrivals', () => {
  test('of all shards are the arrivals of the whole, one every 1 / rate', () => {
    const anyRate = fc.integer({ min: 1, max: 5000 });
    const anyTimeMs = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(counts, anyRate, anyTimeMs, ({ connections, shards }, rate, ms) => {
        // Between two due times, so that no rounding of either can decide: k / R < t for exactly the first `frames`.
        const frames = Math.floor((rate * ms) / 1000) + 1;
        const untilUs = ((frames - 0.5) * 1e6) / rate;
        const parts = splitPlan(connections, shards).map((plan) => planned(plan, constant(rate), untilUs));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(frames);
      }),
    );
  });

  test('of all shards are as many as the area of a ramp', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 400 }), ({ connections, shards }, rate) => {
        const stages = [{ durationUs: 2e6, ratePerSecond: rate }];
        const load: Load = { ...constant(100), stages };
        const parts = splitPlan(connections, shards).map((plan) => planned(plan, load, 2e6));
        const area = 100 + rate;
        // The frame whose number is the area is due at the very end, where rounding decides.
        expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - area)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('leave out the frame that is due at the end itself', () => {
    const plan = cohortPlan(sessionPlan(ADDRESS));
    expect([0, 1000, 1000.5].map((untilUs) => planned(plan, constant(1000), untilUs))).toEqual([0, 1, 2]);
  });

  test('keep what was due while a connection came up, as long as a dial may take', () => {
    const { book, count } = bookOf({ patienceUs: 4000 });
    expect(book.open(0, 0, 10_000).nextUs).toBe(6000);
    expect(count('unsent:connecting')).toBe(6);
    expect(bookOf({ patienceUs: 3e6 }).book.open(0, 0, 10_000).nextUs).toBe(0);
  });

  test('count what was due while a connection was not up, each by its cause', () => {
    const { book, count } = bookOf();
    const schedule = book.open(0, 0, 10_000);
    expect(count('unsent:connecting')).toBe(10);
    for (let i = 0; i < 5; i++) schedule.advance();
    book.hold(0, 'ended');
    expect(book.open(0, 0, 20_000).nextUs).toBe(20_000);
    expect(count('unsent:ended')).toBe(5);
    book.hold(0, 'backpressure');
    book.settle(0, 0, 30_000);
    expect(count('unsent:backpressure')).toBe(10);
    book.takeBack(3, 'backpressure');
    expect([count('unsent:backpressure'), count('framesUnsent')]).toEqual([13, 28]);
    book.takeBack(2, 'ended');
    expect([count('unsent:ended'), count('framesUnsent')]).toEqual([7, 30]);
  });

  test('keep the sequence of Poisson arrivals over the ends of sessions', () => {
    const load: Load = { ...constant(1000), arrivals: 'poisson' };
    const undisturbed = bookOf({ load }).book.open(0, 0, 0);
    const { book } = bookOf({ load });
    book.open(0, 0, 0).skipTo(50_000);
    undisturbed.skipTo(200_000);
    expect(book.open(0, 0, 200_000).nextUs).toBe(undisturbed.nextUs);
  });

  test('are not the same in two cohorts of one run, whose connections have the same numbers', () => {
    const load: Load = { ...constant(1000), arrivals: 'poisson' };
    const [first, second] = [0, 5].map((firstConnection) =>
      bookOf({ load, firstConnection }).book.open(0, 0, 0),
    );
    expect(first?.nextUs).not.toBe(second?.nextUs);
  });

  test('follow a change of the rate on every connection, those that are down included', () => {
    const { book, count } = bookOf({ connections: 2, slots: { first: 0, count: 2 } });
    const open = book.open(0, 0, 0);
    book.changeRate(10_000, 100);
    open.skipTo(10_000);
    expect(open.nextUs).toBe(10_000);
    open.advance();
    expect(open.nextUs).toBe(30_000);
    book.settle(1, 1, 100_000);
    // Every second of 10 frames at the old rate, and of 9 at the new one.
    expect(count('framesUnsent')).toBe(5 + 4);
    book.changeRate(100_000, 0);
    open.skipTo(1e9);
    expect(open.nextUs).toBe(Infinity);
  });
});
