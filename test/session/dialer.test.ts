import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import type { TargetAddress } from '../../src/engine/engine.ts';
import { COUNTER } from '../../src/measure/counters.ts';
import { SESSION_OUTCOMES } from '../../src/measure/outcome.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, frameOf, onFrames, serve, serveNobody } from '../support/loopback-server.ts';
import {
  ENGINES,
  holdLoop,
  PATIENT,
  runShard,
  sessionPlan,
  shardPlan,
  type ShardRun,
} from '../support/shard-run.ts';

describe('Dialer', () => {
  test('has no more dials in progress than the plan allows', async () => {
    const address = await serveNobody();
    const session = sessionPlan(address, { connections: 20, durationUs: 100_000 });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: 3 } }));
    expect(run.dials).toEqual({ abandoned: 3 });
    expect(run.finished.neverDialled).toBe(17);
    expect(run.sessions).toEqual({});
  });

  test('starts all dials in one turn where nothing limits them, which is a storm', async () => {
    const address = await serveNobody();
    const session = sessionPlan(address, { connections: 300, durationUs: 100_000 });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: Infinity } }));
    expect(run.dials).toEqual({ abandoned: 300 });
    const [first, last] = [run.intervals[0], run.intervals.at(-1)];
    expect(first?.snapshot.counters[COUNTER.dialsAttempted]).toBe(300);
    expect(last?.snapshot.counters[COUNTER.dialsAttempted]).toBe(300);
  });

  test('starts the next dial when one has ended, until all are made', async () => {
    const session = sessionPlan(await serve(leave), { connections: 30 });
    const run = await runShard(shardPlan(session, { dial: { ...UNPACED, concurrentDials: 1 } }));
    expect(run.dials).toEqual({ connected: 30 });
    expect(run.sessions).toEqual({ 'peer-closed': 30 });
    expect(run.finished.neverDialled).toBe(0);
  });

  const epoll = ENGINES.find(({ engine }) => engine === 'epoll');
  test.skipIf(epoll?.missing !== null)(
    'asks for no more dials once one failed for want of our own means, and the run ends',
    async () => {
      // An address of TEST-NET-1 is not this machine's own, so that every bind to it fails with EADDRNOTAVAIL.
      const session = sessionPlan(await serve(echo), { connections: 500, sourceIps: ['192.0.2.55'] });
      const run = await runShard(
        shardPlan(session, { dial: { ...UNPACED, concurrentDials: 100 }, engine: 'epoll' }),
      );
      const failed = run.dials['localLimit'] ?? 0;
      expect(run.dials).toEqual({ localLimit: failed });
      expect(failed).toBeGreaterThanOrEqual(1);
      expect(failed).toBeLessThan(100);
      expect(run.finished.neverDialled).toBe(500 - failed);
    },
  );

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
    const startedMs = performance.now();
    let heldAfterMs = 0;
    const hold = (): unknown =>
      setTimeout(() => {
        heldAfterMs = performance.now() - startedMs;
        holdLoop(200);
      }, 50);
    const run = await runShard(shardPlan(session, { dial }), hold);
    // Due every 40 ms; those that are due while the loop is held up over the end of the plan are not dialled any more.
    expect(run.count('dialsAttempted')).toBeLessThanOrEqual(1 + Math.floor(Math.min(heldAfterMs, 100) / 40));
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

const AGAIN: Partial<SessionPlan> = { reconnect: 'immediate', durationUs: 300_000 };

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A port that nobody listens on: one that was just given back. */
async function refusingAddress(): Promise<TargetAddress> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
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

describe.each(ENGINES)('Dialer.redial with the $engine engine', ({ engine, missing }) => {
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
      expect(accepted).toBeGreaterThanOrEqual(run.sessions['reset'] ?? Infinity);
      // The peer may have accepted a dial that was still in progress for us when the plan ended.
      expect(accepted).toBeLessThanOrEqual(run.count('dialsAttempted'));
    },
  );

  test.skipIf(missing !== null)(
    'does not hammer a target that refuses, and counts each of its dials',
    async () => {
      const session = sessionPlan(await refusingAddress(), {
        ...AGAIN,
        connections: 50,
        durationUs: 350_000,
      });
      const run = await runShard(shardPlan(session, { engine }));
      expectConserved(run);
      // Each slot is dialled at once and rests for 100 ms between its dials: four times in 350 ms at the most.
      expect(run.dials['refused']).toBeGreaterThanOrEqual(100);
      expect(run.count('dialsAttempted')).toBeLessThanOrEqual(200);
      expect(run.errors).toMatchObject([{ outcome: 'refused', errno: 'ECONNREFUSED', syscall: 'connect' }]);
    },
  );
});

describe.each(ENGINES)('Dialer.redial after pauses with the $engine engine', ({ engine, missing }) => {
  const backoff = { firstUs: 20_000, longestUs: 10e6 };

  test.skipIf(missing !== null)(
    'asks a target that refuses less and less often, and counts each',
    async () => {
      const session = sessionPlan(await refusingAddress(), {
        reconnect: 'backoff',
        backoff,
        connections: 50,
        durationUs: 600_000,
      });
      const run = await runShard(shardPlan(session, { engine }));
      expectConserved(run);
      // The bounds are 20, 40, 80, 160, 320 and 640 ms, the mean pauses half of that: some five dials in 600 ms.
      const dials = run.count('dialsAttempted');
      expect(dials).toBeGreaterThanOrEqual(150);
      expect(dials).toBeLessThanOrEqual(400);
      expect(run.count('reconnect:dial:refused')).toBe(dials - 50);
    },
  );

  test.skipIf(missing !== null)('begins anew after a connection that was answered', async () => {
    const peer = (socket: Socket): void => {
      onFrames(socket, (payload) => socket.write(frameOf(payload), () => socket.resetAndDestroy()));
    };
    const session = sessionPlan(await serve(peer), {
      reconnect: 'backoff',
      backoff,
      connections: 4,
      durationUs: 500_000,
    });
    const run = await runShard(shardPlan(session, { engine }));
    expectConserved(run);
    const ends = total(run.sessions) + total(run.dials) - (run.dials['connected'] ?? 0);
    // Ten milliseconds on average between two connections, not more and more of them.
    expect(run.count('dialsAttempted')).toBeGreaterThan(60);
    const again = run.count('dialsAttempted') - 4;
    expect(again).toBeLessThanOrEqual(ends);
    const byCause = SESSION_OUTCOMES.map((outcome) => run.count(`reconnect:session:${outcome}`));
    expect(byCause.reduce((sum, times) => sum + times, 0)).toBe(again);
  });

  test.skipIf(missing !== null)('replaces connections whose lifetimes are drawn', async () => {
    const session = sessionPlan(await serve(echo), {
      ...AGAIN,
      load: { model: 'closed', window: 1, thinkUs: 5000 },
      connections: 20,
      lifetime: { kind: 'exponential', meanUs: 50_000 },
      durationUs: 1e6,
    });
    const run = await runShard(shardPlan(session, { engine }));
    expectConserved(run);
    expect(Object.keys(run.sessions)).toEqual(['closed-by-plan']);
    // A second holds twenty lifetimes of 50 ms on each of 20 connections, less what dials and last replies take.
    const again = run.count('reconnect:session:closed-by-plan');
    expect(again).toBe(run.count('dialsAttempted') - 20);
    expect(again).toBeGreaterThan(150);
    expect(again).toBeLessThan(520);
  });
});

describe('Dialer.redial', () => {
  test('is not asked for with reconnect none, which leaves an ended connection ended', async () => {
    const run = await runShard(
      shardPlan(sessionPlan(await serve((socket) => socket.end()), { connections: 3 })),
    );
    expect(run.dials).toEqual({ connected: 3 });
    expect(run.sessions).toEqual({ 'peer-closed': 3 });
  });

  test('keeps to the dials that may be in progress at one time', async () => {
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

  test('dials nothing any more once the plan is over', async () => {
    let afterEnd = 0;
    let over = false;
    const peer = (socket: Socket): void => {
      if (over) afterEnd++;
      onFrames(socket, () => socket.resetAndDestroy());
    };
    const session = sessionPlan(await serve(peer), { ...AGAIN, connections: 2, durationUs: 2_000_000 });
    const run = await runShard(shardPlan(session), (control) => {
      setTimeout(() => {
        control.command = 'drain';
        setTimeout(() => (over = true), 40);
      }, 60);
    });
    expectConserved(run);
    expect(run.finished.endUs).toBeLessThan(2_000_000);
    expect(afterEnd).toBe(0);
  });
});
