import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import type { TargetAddress } from '../../src/engine/engine.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, onFrames, serve, serveNobody } from '../support/loopback-server.ts';
import { ENGINES, runShard, sessionPlan, shardPlan, type ShardRun } from '../support/shard-run.ts';

const AGAIN: Partial<SessionPlan> = { reconnect: 'immediate', durationUs: 300_000 };
const UNPACED = { schedule: { ratePerSecond: null, shard: 0, shards: 1 } };

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A port that nobody listens on: one that was just given back. */
async function refusingAddress(): Promise<TargetAddress> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('It has no port');
  return { family: 4, host: '127.0.0.1', port: bound.port };
}

/** Every dial ends in one outcome and every connection in one, however often slots are used again. */
function expectConserved(run: ShardRun): void {
  expect(total(run.dials)).toBe(run.count('dialsAttempted'));
  expect(total(run.sessions)).toBe(run.dials['connected'] ?? 0);
  expect(run.count('openNow')).toBe(0);
  expect(run.finished.neverDialled).toBe(0);
}

describe.each(ENGINES)('reconnect immediate with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('replaces each connection whose lifetime is over', async () => {
    const session = sessionPlan(await serve(echo), {
      ...AGAIN,
      connections: 4,
      lifetime: { kind: 'frames', count: 2 },
    });
    const run = await runShard(shardPlan(session, { engine }));
    expectConserved(run);
    expect(Object.keys(run.sessions)).toEqual(['closed-by-plan']);
    expect(run.dials['connected']).toBeGreaterThan(12);
    expect(run.intervals.every(({ snapshot }) => snapshot.openMax <= 4)).toBe(true);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
  });

  test.skipIf(missing !== null)(
    'replaces each connection that the peer ends, and counts every end',
    async () => {
      let accepted = 0;
      const peer = (socket: Socket): void => {
        accepted++;
        onFrames(socket, () => socket.resetAndDestroy());
      };
      const session = sessionPlan(await serve(peer), { ...AGAIN, connections: 3 });
      const run = await runShard(shardPlan(session, { engine }));
      expectConserved(run);
      expect(run.sessions['reset']).toBeGreaterThan(6);
      // The last few may have been closed by the plan before the peer took them.
      expect(accepted).toBeGreaterThanOrEqual(run.sessions['reset'] ?? Infinity);
      expect(accepted).toBeLessThanOrEqual(run.dials['connected'] ?? 0);
    },
  );

  test.skipIf(missing !== null)(
    'asks a target that refuses again and again, each dial of which is counted',
    async () => {
      const session = sessionPlan(await refusingAddress(), { ...AGAIN, connections: 50 });
      const run = await runShard(shardPlan(session, { engine }));
      expectConserved(run);
      expect(run.dials['refused']).toBeGreaterThan(50);
      expect(run.errors).toMatchObject([{ outcome: 'refused', errno: 'ECONNREFUSED', syscall: 'connect' }]);
    },
  );
});

describe('reconnect', () => {
  test('none leaves an ended connection ended', async () => {
    const run = await runShard(
      shardPlan(sessionPlan(await serve((socket) => socket.end()), { connections: 3 })),
    );
    expect(run.dials).toEqual({ connected: 3 });
    expect(run.sessions).toEqual({ 'peer-closed': 3 });
  });

  test('immediate keeps to the dials that may be in progress at one time', async () => {
    const session = sessionPlan(await serveNobody(), {
      ...AGAIN,
      connections: 10,
      timeouts: { connectUs: 40_000, readUs: 5e6, writeUs: 5e6 },
    });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: 2 } }));
    const { timedOut = 0, abandoned = 0 } = run.dials;
    expect(total(run.dials)).toBe(timedOut + abandoned);
    expect(abandoned).toBeLessThanOrEqual(2);
    // Two at a time, each for 40 ms, in 300 ms.
    expect(timedOut).toBeGreaterThan(4);
    expect(timedOut).toBeLessThanOrEqual(2 * 8);
  });

  test('immediate dials nothing any more once the plan is over', async () => {
    let afterEnd = 0;
    let over = false;
    const peer = (socket: Socket): void => {
      if (over) afterEnd++;
      onFrames(socket, () => socket.resetAndDestroy());
    };
    const session = sessionPlan(await serve(peer), { ...AGAIN, connections: 2, durationUs: 150_000 });
    const run = await runShard(shardPlan(session), (control) => {
      setTimeout(() => {
        control.command = 'drain';
        setTimeout(() => (over = true), 40);
      }, 60);
    });
    expectConserved(run);
    expect(run.finished.endUs).toBeLessThan(150_000);
    expect(afterEnd).toBe(0);
  });
});
