import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionPlan, type ConnectionStage } from '../../src/schedule/connection-plan.ts';

/** One change: connection `number` of the whole run comes or goes. */
interface Change {
  number: number;
  atUs: number;
  next: 'up' | 'down';
}

/** All that a shard's plan changes, with the numbers that its connections have in the whole run. */
function changesOf(options: ConstructorParameters<typeof ConnectionPlan>[0]): Change[] {
  const plan = new ConnectionPlan(options);
  const changes: Change[] = [];
  while (plan.nextUs !== Infinity) {
    const { next, nextUs: atUs } = plan;
    plan.advance();
    const own = next === 'up' ? plan.planned - 1 : plan.planned;
    changes.push({ number: own * options.shards + options.shard, atUs, next });
  }
  return changes;
}

/** The planned count at `atUs`, computed from the stages alone. */
function countAt(connections: number, stages: readonly ConnectionStage[], atUs: number): number {
  let startUs = 0;
  let from = connections;
  for (const { durationUs, connections: to } of stages) {
    if (atUs < startUs + durationUs) return from + ((atUs - startUs) / durationUs) * (to - from);
    startUs += durationUs;
    from = to;
  }
  return from;
}

const anyStages = fc.array(
  fc.record({
    durationUs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60e6 })),
    connections: fc.nat(200),
  }),
  { maxLength: 6 },
);

describe('ConnectionPlan', () => {
  it('has the parts of any split make the same changes as the whole', () => {
    fc.assert(
      fc.property(fc.nat(100), anyStages, fc.integer({ min: 1, max: 7 }), (connections, stages, shards) => {
        const byTime = (a: Change, b: Change): number => a.atUs - b.atUs || a.number - b.number;
        const whole = changesOf({ connections, stages, shard: 0, shards: 1 });
        const parts = Array.from({ length: shards }, (_, shard) =>
          changesOf({ connections, stages, shard, shards }),
        );
        expect(parts.flat().toSorted(byTime)).toEqual(whole.toSorted(byTime));
      }),
    );
  });

  it('has as many connections up as the stages say, rounded up, at any time', () => {
    fc.assert(
      fc.property(fc.nat(100), anyStages, fc.nat(200e6), (connections, stages, atUs) => {
        const changes = changesOf({ connections, stages, shard: 0, shards: 1 });
        const before = changes.filter((change) => change.atUs <= atUs);
        const planned = before.reduce((sum, { next }) => sum + (next === 'up' ? 1 : -1), connections);
        const wanted = countAt(connections, stages, atUs);
        // At the very time of a change, rounding may decide.
        expect(planned).toBeGreaterThanOrEqual(Math.ceil(wanted - 1e-6));
        expect(planned).toBeLessThanOrEqual(Math.floor(wanted + 1 + 1e-6));
      }),
    );
  });

  it('never goes back in time, and ends at the last stage', () => {
    fc.assert(
      fc.property(fc.nat(100), anyStages, (connections, stages) => {
        const plan = new ConnectionPlan({ connections, stages, shard: 0, shards: 1 });
        let lastUs = 0;
        while (plan.nextUs !== Infinity) {
          expect(plan.nextUs).toBeGreaterThanOrEqual(lastUs);
          lastUs = plan.nextUs;
          plan.advance();
        }
        expect(plan.planned).toBe(stages.at(-1)?.connections ?? connections);
      }),
    );
  });

  it('brings the lowest number first, at the ramp’s start, and takes the highest first', () => {
    const up = { durationUs: 4e6, connections: 4 };
    const hold = { durationUs: 1e6, connections: 4 };
    const down = { durationUs: 2e6, connections: 0 };
    const changes = changesOf({ connections: 0, stages: [up, hold, down], shard: 0, shards: 1 });
    expect(changes.map(({ next, number, atUs }) => [next, number, atUs])).toEqual([
      ['up', 0, 0],
      ['up', 1, 1e6],
      ['up', 2, 2e6],
      ['up', 3, 3e6],
      ['down', 3, 5.5e6],
      ['down', 2, 6e6],
      ['down', 1, 6.5e6],
      ['down', 0, 7e6],
    ]);
  });

  it('tells jumps from ramps', () => {
    const stages = [
      { durationUs: 1e6, connections: 2 },
      { durationUs: 0, connections: 4 },
    ];
    const plan = new ConnectionPlan({ connections: 0, stages, shard: 0, shards: 1 });
    const jumps: boolean[] = [];
    while (plan.nextUs !== Infinity) {
      jumps.push(plan.jumps);
      plan.advance();
    }
    expect(jumps).toEqual([false, false, true, true]);
  });

  it('goes to another count when it is told to, and drops what was planned behind', () => {
    const stages = [{ durationUs: 10e6, connections: 100 }];
    const plan = new ConnectionPlan({ connections: 0, stages, shard: 1, shards: 2 });
    while (plan.nextUs < 5e6) plan.advance();
    expect(plan.planned).toBe(25);
    plan.changeAt(5e6, 11);
    for (; plan.nextUs !== Infinity; plan.advance()) expect([plan.next, plan.nextUs]).toEqual(['down', 5e6]);
    // Of the connections 0 to 10, the odd ones.
    expect(plan.planned).toBe(5);
  });
});
