import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import type { Control } from '../../src/shard/control.ts';
import { echo, frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { runShard, sessionPlan, shardPlan, type ShardRun } from '../support/shard-run.ts';

function phases(run: ShardRun): string[] {
  return run.intervals.map(({ phase }) => phase);
}

/** Intervals come in order and leave no time out. */
function expectTiled(run: ShardRun): void {
  run.intervals.forEach(({ index, startUs }, position) => {
    expect(index).toBe(position);
    expect(startUs).toBe(run.intervals[position - 1]?.endUs ?? 0);
  });
  expect(run.intervals.at(-1)?.endUs).toBe(run.finished.endUs);
}

describe('Shard', () => {
  test('ships intervals without gap: warm-up, measured time and drain apart', async () => {
    const session = sessionPlan(await serve(echo), { warmupUs: 300_000, durationUs: 1_200_000 });
    const run = await runShard(shardPlan(session));
    expect(phases(run)).toEqual(['warmup', 'measure', 'measure', 'drain']);
    expect(run.intervals.map(({ endUs }) => endUs).slice(0, 3)).toEqual([300_000, 1_000_000, 1_200_000]);
    expectTiled(run);
    expect(run.finished.neverDialled).toBe(0);
    expect(run.finished.loopUtilization).toBeGreaterThan(0);
    expect(run.finished.loopUtilization).toBeLessThanOrEqual(1);
  });

  test('ships cumulative counts, and the times of each interval alone', async () => {
    const session = sessionPlan(await serve(echo), { warmupUs: 100_000, durationUs: 300_000 });
    const run = await runShard(shardPlan(session));
    const counted = run.intervals.map(({ snapshot }) => snapshot.histograms.response?.count ?? 0);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(
      run.count('framesMatched') - run.count('framesMatchedInWarmup'),
    );
    expect(counted.filter((count) => count > 0).length).toBeGreaterThan(0);
  });

  test('ends early when every session has ended, since none is replaced', async () => {
    const run = await runShard(
      shardPlan(sessionPlan(await serve((socket) => socket.end()), { connections: 5 })),
    );
    expect(run.sessions).toEqual({ 'peer-closed': 5 });
    expect(run.finished.endUs).toBeLessThan(10e6);
    expectTiled(run);
  });

  test('drains when it is told to: no new frames, owed replies awaited, and closed-by-plan', async () => {
    let control: Control | undefined;
    let frames = 0;
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        frames++;
        // The reply to the frame that is under way comes after the drain has begun.
        if (frames === 3 && control !== undefined) control.command = 'drain';
        setTimeout(() => socket.write(frameOf(payload)), frames === 3 ? 100 : 0);
      });
    };
    const run = await runShard(shardPlan(sessionPlan(await serve(peer))), (words) => (control = words));
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.count('framesSent'), run.count('framesMatched')]).toEqual([3, 3]);
    expect(phases(run).at(-1)).toBe('drain');
    expect(run.finished.endUs).toBeLessThan(10e6);
    expectTiled(run);
  });

  test('dials nothing when it is told to drain before it has begun', async () => {
    const session = sessionPlan(await serve(echo), { connections: 4 });
    const run = await runShard(shardPlan(session), (control) => (control.command = 'drain'));
    expect(run.count('dialsAttempted')).toBe(0);
    expect(run.finished.neverDialled).toBe(4);
  });

  test('counts as in flight what is still owed when the drain is over', async () => {
    const silent = (socket: Socket): Socket => socket.resume();
    const session = sessionPlan(await serve(silent), {
      load: { model: 'closed', window: 4, thinkUs: 0 },
      durationUs: 100_000,
    });
    const run = await runShard(shardPlan(session, { drainUs: 50_000 }));
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.count('framesSent'), run.count('framesInFlightAtEnd')]).toEqual([4, 4]);
    expect(run.count('framesLost')).toBe(0);
    expect(run.errors).toEqual([]);
  });

  test('sends frames larger than its usual outbox whole', async () => {
    const session = sessionPlan(await serve(echo), {
      payload: { size: null, message: Buffer.alloc(300_000, 7), stamp: false },
      durationUs: 100_000,
    });
    const run = await runShard(shardPlan(session));
    expect(run.count('framesMatched')).toBeGreaterThan(0);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('bytesSent')).toBe(run.count('framesSent') * 300_004);
    expect(run.count('bytesReceived')).toBe(run.count('bytesSent'));
  });

  test('shares the connections out by number: the second of three shards sends as 1, 4, 7', async () => {
    const connections = new Set<number>();
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        connections.add(payload.readUInt32BE(0));
        socket.end();
      });
    };
    const session = sessionPlan(await serve(peer), { connections: 9 });
    await runShard(shardPlan(session, { shard: 1, shards: 3, connections: 3 }));
    expect([...connections].toSorted((a, b) => a - b)).toEqual([1, 4, 7]);
  });
});
