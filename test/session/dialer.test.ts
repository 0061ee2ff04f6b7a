import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { COUNTER } from '../../src/measure/counters.ts';
import { echo, serve, serveNobody } from '../support/loopback-server.ts';
import { holdLoop, PATIENT, runShard, sessionPlan, shardPlan } from '../support/shard-run.ts';

describe('Dialer', () => {
  test('has no more dials in progress than the plan allows', async () => {
    const address = await serveNobody();
    const session = sessionPlan(address, { connections: 20, durationUs: 100_000 });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: 3 } }));
    expect(run.dials).toEqual({ abandoned: 3 });
    expect(run.finished.neverDialled).toBe(17);
    expect(run.sessions).toEqual({});
  });

  test('starts the next dial when one has ended, until all are made', async () => {
    const session = sessionPlan(await serve(leave), { connections: 30 });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: 1 } }));
    expect(run.dials).toEqual({ connected: 30 });
    expect(run.sessions).toEqual({ 'peer-closed': 30 });
    expect(run.finished.neverDialled).toBe(0);
  });

  test('starts dials at the planned rate and none before its time', async () => {
    const acceptedMs: number[] = [];
    const address = await serve((socket) => {
      acceptedMs.push(performance.now());
      leave(socket);
    });
    const session = sessionPlan(address, { connections: 10 });
    const startMs = performance.now();
    const dial = { schedule: { ratePerSecond: 50, shard: 0, shards: 1 }, concurrentDials: 1 };
    const run = await runShard(shardPlan(session, { dial }));
    expect(run.dials).toEqual({ connected: 10 });
    acceptedMs.forEach((atMs, index) => expect(atMs - startMs).toBeGreaterThanOrEqual(index * 20));
  });

  test('dials nothing once the plan has ended, however late the loop is', async () => {
    const session = sessionPlan(await serve(echo), { connections: 10, durationUs: 100_000 });
    const dial = { schedule: { ratePerSecond: 25, shard: 0, shards: 1 }, concurrentDials: 1 };
    const hold = (): unknown => setTimeout(() => holdLoop(200), 50);
    const run = await runShard(shardPlan(session, { dial }), hold);
    // Due at 0 and 40 ms, and every further 40 ms while the loop is held up over the end of the plan.
    expect(run.count('dialsAttempted')).toBeLessThanOrEqual(2);
    expect(run.count('dialsAttempted') + run.finished.neverDialled).toBe(10);
  });
});

describe('a dial', () => {
  test('that nobody accepts is timedOut, and its connection never counted as open', async () => {
    const address = await serveNobody();
    const session = sessionPlan(address, { connections: 3, timeouts: { ...PATIENT, connectUs: 150_000 } });
    const run = await runShard(shardPlan(session));
    expect(run.dials).toEqual({ timedOut: 3 });
    expect(run.sessions).toEqual({});
    expect(run.errors).toMatchObject([{ phase: 'dial', outcome: 'timedOut', count: 3 }]);
    expect(run.intervals.every(({ snapshot }) => snapshot.counters[COUNTER.openNow] === 0)).toBe(true);
    expect(run.times('dial')).toBe(0);
  });

  test('that is still in progress when the plan ends is abandoned, which is no error', async () => {
    const session = sessionPlan(await serveNobody(), { connections: 3, durationUs: 100_000 });
    const run = await runShard(shardPlan(session));
    expect(run.dials).toEqual({ abandoned: 3 });
    expect(run.errors).toEqual([]);
  });

  test('to a port without a listener is refused, with errno and system call', async () => {
    const session = sessionPlan({ family: 4, host: '127.0.0.1', port: 1 }, { connections: 4 });
    const run = await runShard(shardPlan(session));
    expect(run.dials).toEqual({ refused: 4 });
    expect(run.errors).toMatchObject([
      { phase: 'dial', errno: 'ECONNREFUSED', errnoNumber: 111, syscall: 'connect', count: 4 },
    ]);
  });

  test('to a unix socket that does not exist is other, with its errno', async () => {
    const session = sessionPlan({ family: 'unix', path: '/nonexistent/peer.sock' });
    const run = await runShard(shardPlan(session));
    expect(run.dials).toEqual({ other: 1 });
    expect(run.errors).toMatchObject([{ errno: 'ENOENT', errnoNumber: 2 }]);
  });

  test('goes to the addresses in turn, and each is counted for its own', async () => {
    const first = await serve(leave);
    const second = await serve(leave);
    const refused = { family: 4, host: '127.0.0.1', port: 1 } as const;
    const session = sessionPlan(first, {
      addresses: [first, second, refused],
      connections: 8,
    });
    const run = await runShard(shardPlan(session));
    expect(run.dials).toEqual({ connected: 6, refused: 2 });
    const { addresses } = run.intervals.at(-1)?.snapshot ?? {};
    expect([...(addresses ?? [])]).toEqual([3, 3, 3, 3, 2, 0]);
  });
});

/** A peer that ends every session at once, so that a run is over when its last dial is. */
function leave(socket: Socket): void {
  socket.end();
}

const UNPACED = { schedule: { ratePerSecond: null, shard: 0, shards: 1 } };
