import fc from 'fast-check';
import { expect, test } from 'vitest';

import { share } from '../../src/schedule/split.ts';
import { connectionAt, plannedFrames } from '../../src/shard/planned-frames.ts';
import type { ShardPlan } from '../../src/shard/shard-plan.ts';
import { sessionPlan, shardPlan } from '../support/shard-run.ts';

const ADDRESS = { family: 4, host: '127.0.0.1', port: 1 } as const;

function splitPlan(connections: number, shards: number, totalRatePerSecond: number): ShardPlan[] {
  const load = { model: 'open', totalRatePerSecond, window: null } as const;
  const session = sessionPlan(ADDRESS, { connections, load });
  return Array.from({ length: shards }, (_, shard) =>
    shardPlan(session, { shard, shards, connections: share(connections, shard, shards) }),
  );
}

const counts = fc
  .record({ connections: fc.integer({ min: 1, max: 200 }), shards: fc.integer({ min: 1, max: 16 }) })
  .filter(({ connections, shards }) => shards <= connections);

test('connectionAt gives every connection of the run to one slot of one shard', () => {
  fc.assert(
    fc.property(counts, ({ connections, shards }) => {
      const numbers = splitPlan(connections, shards, 1).flatMap((plan) =>
        Array.from({ length: plan.connections }, (_, slot) => connectionAt(plan, slot)),
      );
      expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(connections).keys()]);
    }),
  );
});

test('plannedFrames of all shards are the arrivals of the whole, one every 1 / rate', () => {
  const anyRate = fc.integer({ min: 1, max: 5000 });
  const anyTimeMs = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(counts, anyRate, anyTimeMs, ({ connections, shards }, rate, ms) => {
      // Between two due times, so that no rounding of either can decide: k / R < t for exactly the first `frames`.
      const frames = Math.floor((rate * ms) / 1000) + 1;
      const elapsedUs = ((frames - 0.5) * 1e6) / rate;
      const plans = splitPlan(connections, shards, rate);
      const planned = plans.map((plan) => plannedFrames(plan, 1e12, elapsedUs));
      expect(planned.reduce((sum, count) => sum + count, 0)).toBe(frames);
    }),
  );
});

test('plannedFrames leaves out the frame that is due at the end itself', () => {
  const [plan] = splitPlan(1, 1, 1000);
  if (plan === undefined) throw new Error('A plan of one shard has one');
  expect(plannedFrames(plan, 0, 0)).toBe(0);
  expect(plannedFrames(plan, 0, 1000)).toBe(1);
  expect(plannedFrames(plan, 0, 1000.5)).toBe(2);
});

test('plannedFrames is 0 in the closed model, which owes nothing', () => {
  expect(plannedFrames(shardPlan(sessionPlan(ADDRESS)), 0, 1e9)).toBe(0);
});
