import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { COUNTER } from '../../src/measure/counters.ts';
import type { ConnectionStages } from '../../src/shard/shard-plan.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, frameOf, onFrames, serve, serveNobody } from '../support/loopback-server.ts';
import { ENGINES, holdLoop, runShard, sessionPlan, shardPlan, type ShardRun } from '../support/shard-run.ts';

const UNPACED = { schedule: { ratePerSecond: null, shard: 0, shards: 1 }, concurrentDials: 100 };
const SLOW = { load: { model: 'closed', window: 1, thinkUs: 10_000 } } as const;

/** Runs these stages to their end. */
async function runStages(
  peer: (socket: Socket) => unknown,
  stages: ConnectionStages,
  overrides: Partial<SessionPlan> & { engine?: 'node' | 'epoll' } = {},
): Promise<ShardRun> {
  const { engine = 'node', ...session } = overrides;
  const connections = Math.max(stages.connections, ...stages.stages.map((stage) => stage.connections));
  const durationUs = stages.stages.reduce((sum, stage) => sum + stage.durationUs, 0);
  const plan = sessionPlan(await serve(peer as typeof echo), {
    connections,
    durationUs,
    ...SLOW,
    ...session,
  });
  return runShard(shardPlan(plan, { engine, dial: { ...UNPACED, stages } }));
}

/** Open connections at the end of each interval. */
function openAtEnds(run: ShardRun): number[] {
  return run.intervals.map(({ snapshot }) => snapshot.counters[COUNTER.openNow] ?? 0);
}

describe.each(ENGINES)('Dialer with stages and the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('dials as the count grows and retires gracefully as it falls', async () => {
    const stages = [
      { durationUs: 1e6, connections: 40 },
      { durationUs: 500_000, connections: 40 },
      { durationUs: 1e6, connections: 20 },
      { durationUs: 500_000, connections: 20 },
    ];
    const run = await runStages(echo, { connections: 0, stages }, { engine });
    expect(run.dials).toEqual({ connected: 40 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 40 });
    expect(run.errors).toEqual([]);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    // Half the way down at 2 s, all the way at 2.5 s.
    expect(openAtEnds(run)[0]).toBeGreaterThanOrEqual(38);
    expect(openAtEnds(run)[1]).toBeGreaterThanOrEqual(29);
    expect(openAtEnds(run)[1]).toBeLessThanOrEqual(33);
    expect(openAtEnds(run)[2]).toBe(20);
    expect(run.finished.neverDialled).toBe(0);
  });

  test.skipIf(missing !== null)('dials anew what a spike had taken away, which is no reconnect', async () => {
    const stages = [
      { durationUs: 200_000, connections: 10 },
      { durationUs: 0, connections: 2 },
      { durationUs: 200_000, connections: 2 },
      { durationUs: 0, connections: 10 },
      { durationUs: 300_000, connections: 10 },
    ];
    const run = await runStages(echo, { connections: 10, stages }, { engine, reconnect: 'immediate' });
    expect(run.dials).toEqual({ connected: 18 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 18 });
    expect(run.count('reconnect:session:closed-by-plan')).toBe(0);
  });

  test.skipIf(missing !== null)(
    'wants frames of a connection only while it is planned: each sends its share of the rate',
    async () => {
      const stages = [
        { durationUs: 1e6, connections: 20 },
        { durationUs: 0, connections: 5 },
        { durationUs: 1e6, connections: 5 },
      ];
      const load = { model: 'open', totalRatePerSecond: 2000, window: null } as const;
      const run = await runStages(echo, { connections: 0, stages }, { engine, load });
      // 100 frames a second on each: connection n is up from n / 20 s on, together 10.5 s, and 5 for a second are 5 more.
      // Each may be one frame off.
      const planned = run.count('framesSent') + run.count('framesUnsent');
      expect(planned).toBeGreaterThanOrEqual(1550 - 20);
      expect(planned).toBeLessThanOrEqual(1550 + 20);
      expect(run.count('framesUnsent')).toBeLessThan(planned * 0.2);
      expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    },
  );
});

describe('Dialer with stages', () => {
  test('lets a connection send nothing that is due behind its end, however late the loop is', async () => {
    const perConnection: number[] = [];
    const peer = (socket: Socket): void => {
      const at = perConnection.push(0) - 1;
      onFrames(socket, (payload) => {
        perConnection[at] = (perConnection[at] ?? 0) + 1;
        socket.write(frameOf(payload));
      });
    };
    const stages = [
      { durationUs: 200_000, connections: 10 },
      { durationUs: 0, connections: 2 },
      { durationUs: 400_000, connections: 2 },
    ];
    const load = { model: 'open', totalRatePerSecond: 1000, window: null } as const;
    const session = sessionPlan(await serve(peer), { connections: 10, durationUs: 600_000, load });
    const plan = shardPlan(session, { dial: { ...UNPACED, stages: { connections: 10, stages } } });
    const run = await runShard(plan, () => setTimeout(() => holdLoop(300), 100));
    // 100 frames a second on each: twenty until eight of the connections go, and sixty on the two that stay.
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(8 * 20 + 2 * 60);
    expect(perConnection.toSorted((a, b) => a - b).slice(0, 8)).toEqual(Array(8).fill(20));
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
  });

  test('plans nothing behind an early end, whatever stages there were to come', async () => {
    // Both connections are stalled when the run ends, and sent on when their stage would have ended.
    const peer = (socket: Socket): void => {
      socket.pause();
      setTimeout(() => socket.resume(), 600);
      socket.on('end', () => socket.end());
    };
    const stages = [
      { durationUs: 400_000, connections: 2 },
      { durationUs: 0, connections: 1 },
      { durationUs: 600_000, connections: 1 },
    ];
    const session = sessionPlan(await serve(peer), {
      connections: 2,
      durationUs: 1e6,
      load: { model: 'open', totalRatePerSecond: 200, window: null },
      payload: { size: null, message: Buffer.alloc(1_000_000), stamp: false },
      match: { mode: 'none', verifyEcho: false },
    });
    const plan = shardPlan(session, { dial: { ...UNPACED, stages: { connections: 2, stages } } });
    const run = await runShard(plan, (control) => setTimeout(() => (control.command = 'drain'), 200));
    const endUs = run.intervals.findLast(({ phase }) => phase === 'measure')?.endUs ?? 0;
    expect(run.count('writeStalls')).toBeGreaterThanOrEqual(2);
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(Math.ceil(endUs * 200e-6));
    expect(run.sessions).toEqual({ 'closed-by-plan': 2 });
  });

  test('does not end while connections are still to come', async () => {
    const stages = [
      { durationUs: 300_000, connections: 0 },
      { durationUs: 0, connections: 3 },
      { durationUs: 200_000, connections: 3 },
    ];
    const run = await runStages(echo, { connections: 0, stages });
    expect(run.dials).toEqual({ connected: 3 });
    expect(run.finished.endUs).toBeGreaterThanOrEqual(500_000);
  });

  test('abandons a dial in progress whose connection goes', async () => {
    const stages = [
      { durationUs: 150_000, connections: 4 },
      { durationUs: 0, connections: 1 },
      { durationUs: 150_000, connections: 1 },
    ];
    const plan = sessionPlan(await serveNobody(), { connections: 4, durationUs: 300_000 });
    const run = await runShard(shardPlan(plan, { dial: { ...UNPACED, stages: { connections: 4, stages } } }));
    expect(run.dials).toEqual({ abandoned: 4 });
    const first = run.intervals[0];
    expect(first?.snapshot.counters[COUNTER['dial:abandoned']]).toBeGreaterThanOrEqual(3);
  });

  test('waits for what is owed to a connection that goes, and dials its slot when that is done', async () => {
    let replies = 0;
    // The first reply comes long after the plan has wanted its connection gone, and back.
    const peer = (socket: Socket): void => {
      onFrames(socket, (payload) => {
        const delayMs = replies++ === 0 ? 300 : 0;
        setTimeout(() => socket.write(frameOf(payload)), delayMs);
      });
    };
    const stages = [
      { durationUs: 100_000, connections: 1 },
      { durationUs: 0, connections: 0 },
      { durationUs: 50_000, connections: 0 },
      { durationUs: 0, connections: 1 },
      { durationUs: 450_000, connections: 1 },
    ];
    const run = await runStages(peer, { connections: 1, stages });
    expect(run.dials).toEqual({ connected: 2 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 2 });
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.intervals.every(({ snapshot }) => snapshot.openMax <= 1)).toBe(true);
  });
});
