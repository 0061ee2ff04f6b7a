import { describe, expect, test } from 'vitest';
import { monotonicClock } from '../../src/base/clock.ts';
import { COUNTER, type CounterName } from '../../src/measure/counters.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import type { Control, LiveChange } from '../../src/shard/control.ts';
import { echo, serve } from '../support/loopback-server.ts';
import { ENGINES, runShard, sessionPlan, shardPlan, type ShardRun } from '../support/shard-run.ts';

/** Runs a shard that is told of these changes as it begins, with times in seconds of the run. */
async function steered(
  engine: 'node' | 'epoll',
  overrides: Partial<SessionPlan>,
  changes: readonly (Pick<LiveChange, 'kind' | 'value'> & { atSeconds: number })[],
): Promise<ShardRun> {
  const session = sessionPlan(await serve(echo), overrides);
  return runShard(shardPlan(session, { engine }), (control: Control) => {
    const nowUs = monotonicClock().nowUs();
    for (const { kind, value, atSeconds } of changes) {
      control.change({ kind, cohort: 0, value, atUs: nowUs + atSeconds * 1e6 });
    }
  });
}

/** What `name` came to within each interval. */
function perInterval(run: ShardRun, name: CounterName): number[] {
  let before = 0;
  return run.intervals.map(({ snapshot }) => {
    const now = snapshot.counters[COUNTER[name]] ?? 0;
    const delta = now - before;
    before = now;
    return delta;
  });
}

const OPEN = { load: { model: 'open', totalRatePerSecond: 1000, window: null } } as const;
const SLOW = { load: { model: 'closed', window: 1, thinkUs: 5000 } } as const;

describe.each(ENGINES)('Steering with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('changes the rate at the time that the change has', async () => {
    const changes = [
      { kind: 'rate', value: 200, atSeconds: 1 },
      { kind: 'rate', value: 0, atSeconds: 2 },
    ] as const;
    const run = await steered(engine, { ...OPEN, connections: 5, durationUs: 3e6 }, changes);
    const [first = 0, second = 0, third = 0] = perInterval(run, 'framesSent');
    expect(first + run.count('framesUnsent')).toBeGreaterThan(950);
    expect(second).toBeGreaterThan(150);
    expect(second).toBeLessThan(260);
    expect(third).toBeLessThan(40);
    // What was not due was not wanted.
    expect(run.count('framesSent') + run.count('framesUnsent')).toBeLessThan(1300);
    expect(run.sessions).toEqual({ 'closed-by-plan': 5 });
  });

  test.skipIf(missing !== null)('holds a closed load and lets it go again', async () => {
    const changes = [
      { kind: 'hold', value: 1, atSeconds: 1 },
      { kind: 'hold', value: 0, atSeconds: 2.02 },
    ] as const;
    const run = await steered(engine, { ...SLOW, connections: 4, durationUs: 3e6 }, changes);
    const [first = 0, second = 0, third = 0] = perInterval(run, 'framesSent');
    expect(first).toBeGreaterThan(100);
    expect(second).toBeLessThan(first / 5);
    expect(third).toBeGreaterThan(100);
    expect(run.sessions).toEqual({ 'closed-by-plan': 4 });
  });

  test.skipIf(missing !== null)(
    'goes to none and to other counts of connections without ending',
    async () => {
      const changes = [
        { kind: 'connections', value: 0, atSeconds: 0.3 },
        { kind: 'connections', value: 3, atSeconds: 0.6 },
      ] as const;
      const run = await steered(engine, { ...SLOW, connections: 6, durationUs: 1e6 }, [changes[0]]);
      expect(run.sessions).toEqual({ 'closed-by-plan': 6 });
      expect(run.finished.endUs).toBeGreaterThanOrEqual(1e6);
      const back = await steered(engine, { ...SLOW, connections: 6, durationUs: 1e6 }, [changes[1]]);
      expect(back.dials).toEqual({ connected: 6 });
      expect(back.sessions).toEqual({ 'closed-by-plan': 6 });
      expect(back.intervals[0]?.snapshot.counters[COUNTER['session:closed-by-plan']]).toBe(3);
    },
  );
});
