import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../src/base/clock.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { parsePushStamp } from '../../src/framing/push-stamp.ts';
import { newSlotMemory } from '../../src/session/session-context.ts';
import { SessionTable } from '../../src/session/session-table.ts';
import { Cohort } from '../../src/shard/cohort.ts';
import type { ShardPlan } from '../../src/shard/shard-plan.ts';
import { echo, onFrames, frameOf, serve, type Behaviour } from '../support/loopback-server.ts';
import { cohortPlan, ENGINES, runCohorts, sessionPlan, type ShardRun } from '../support/shard-run.ts';

/** What a shard of two cohorts delivered of each. */
async function runBoth(plan: ShardPlan): Promise<[ShardRun, ShardRun]> {
  const [first, second] = await runCohorts(plan);
  if (first === undefined || second === undefined) throw new Error('The plan has two cohorts');
  return [first, second];
}

const QUICK = { durationUs: 500_000 };

/** Long enough for a run that its peer ends. */
const PATIENT = { durationUs: 10_000_000 };

function planOf(
  engine: ShardPlan['engine'],
  cohorts: ShardPlan['cohorts'],
  { durationUs } = QUICK,
): ShardPlan {
  return { shard: 0, shards: 1, engine, warmupUs: 0, durationUs, cohorts };
}

describe.each(ENGINES)('Cohort on the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('counts and times its own connections, whatever the others do', async () => {
    const address = await serve(echo);
    const steady = sessionPlan(address, {
      ...QUICK,
      connections: 3,
      load: { model: 'open', totalRatePerSecond: 60, window: null },
    });
    const large = { size: null, message: Buffer.alloc(100_000, 7), stamp: false };
    const bulk = sessionPlan(address, {
      ...QUICK,
      connections: 2,
      firstConnection: 3,
      payload: large,
      load: { model: 'closed', window: 1, thinkUs: 20_000 },
    });
    const plan = planOf(engine, [cohortPlan(steady), cohortPlan(bulk)]);
    const [first, second] = await runBoth(plan);
    expect(first.dials).toEqual({ connected: 3 });
    expect(second.dials).toEqual({ connected: 2 });
    expect(first.sessions).toEqual({ 'closed-by-plan': 3 });
    expect(second.sessions).toEqual({ 'closed-by-plan': 2 });
    expect(first.count('framesSent') + first.count('framesUnsent')).toBe(30);
    expect(first.count('bytesSent')).toBe(first.count('framesSent') * 68);
    expect(second.count('bytesSent')).toBe(second.count('framesSent') * 100_004);
    expect(first.times('response')).toBe(first.count('framesMatched'));
    expect(second.times('response')).toBe(second.count('framesMatched'));
  });

  test.skipIf(missing !== null)('goes on while another has lost its last connection', async () => {
    const closing = sessionPlan(await serve((socket) => socket.end()), { ...QUICK, connections: 2 });
    const lasting = sessionPlan(await serve(echo), {
      ...QUICK,
      load: { model: 'closed', window: 1, thinkUs: 5000 },
    });
    const [first, second] = await runBoth(planOf(engine, [cohortPlan(closing), cohortPlan(lasting)]));
    expect(first.sessions).toEqual({ 'peer-closed': 2 });
    expect(second.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(second.count('framesMatched')).toBeGreaterThan(10);
  });

  test.skipIf(missing !== null)('drains no longer than its own plan says', async () => {
    const closedAtMs: number[] = [];
    const silent: Behaviour = (socket) => {
      socket.resume();
      const ended = (): void => void closedAtMs.push(performance.now());
      socket.on('end', ended).on('end', () => socket.end());
    };
    const address = await serve(silent);
    const cohorts = [50_000, 400_000].map((drainUs) => cohortPlan(sessionPlan(address, QUICK), { drainUs }));
    const runs = await runCohorts(planOf(engine, cohorts));
    expect(runs.map((run) => run.count('framesInFlightAtEnd'))).toEqual([1, 1]);
    await expect.poll(() => closedAtMs.length).toBe(2);
    const [firstMs = 0, secondMs = 0] = closedAtMs;
    expect(secondMs - firstMs).toBeGreaterThan(200);
  });

  test.skipIf(missing !== null)(
    'that only listens sends nothing, and counts and times what is pushed',
    async () => {
      let received = 0;
      const address = await serve((socket) => {
        const timer = setInterval(() => socket.write(frameOf(Buffer.from('news'))), 20);
        socket.on('data', ({ length }) => (received += length));
        socket.on('end', () => socket.end()).on('close', () => clearInterval(timer));
      });
      const load = { model: 'closed', window: 1, thinkUs: 0, listens: true } as const;
      const match = { mode: 'none', verifyEcho: false } as const;
      const session = sessionPlan(address, { ...QUICK, connections: 2, load, match });
      const [run] = await runCohorts(planOf(engine, [cohortPlan(session)]));
      expect(received).toBe(0);
      expect(run?.count('framesSent')).toBe(0);
      expect(run?.count('framesPushed')).toBeGreaterThan(10);
      expect(run?.count('framesPushed')).toBe(run?.count('framesReceived'));
      expect(run?.times('pushGap')).toBe((run?.count('framesPushed') ?? 0) - 2);
      expect(run?.sessions).toEqual({ 'closed-by-plan': 2 });
    },
  );

  test.skipIf(missing !== null).each([
    { stamped: 'when it is sent', lateUs: 0, counted: { framesPushAhead: 0, framesPushUnstamped: 0 } },
    { stamped: 'long before', lateUs: 30_000, counted: { framesPushAhead: 0, framesPushUnstamped: 0 } },
    {
      stamped: 'with a time to come',
      lateUs: -1e6,
      counted: { framesPushAhead: 40, framesPushUnstamped: 0 },
    },
    { stamped: 'not at all', lateUs: null, counted: { framesPushAhead: 0, framesPushUnstamped: 40 } },
  ])('tells how long pushed frames were on their way, stamped $stamped', async ({ lateUs, counted }) => {
    const address = await serve(pusher(20, lateUs));
    const pushStamp = parsePushStamp('u64le@2/us/monotonic');
    const payload = { size: null, message: Buffer.from('x'), stamp: false, pushStamp };
    const load = { model: 'closed', window: 1, thinkUs: 0, listens: true } as const;
    const session = sessionPlan(address, { ...PATIENT, connections: 2, load, payload });
    const [run] = await runCohorts(planOf(engine, [cohortPlan(session)], PATIENT));
    expect(run?.count('framesPushed')).toBe(40);
    expect(run?.times('pushGap')).toBe(38);
    expect(run?.times('pushLatency')).toBe(lateUs === null ? 0 : 40);
    expect({
      framesPushAhead: run?.count('framesPushAhead'),
      framesPushUnstamped: run?.count('framesPushUnstamped'),
    }).toEqual(counted);
    const leastUs = run?.least('pushLatency') ?? 0;
    expect(leastUs).toBeGreaterThanOrEqual(Math.max(0, lateUs ?? 0));
    expect(leastUs).toBeLessThan(Math.max(0, lateUs ?? 0) + 30_000);
  });

  test.skipIf(missing !== null)('stamps its frames with numbers that no other cohort has', async () => {
    const stamped = new Set<number>();
    const address = await serve((socket) => {
      onFrames(socket, (payload) => {
        stamped.add(payload.readUInt32BE(0));
        socket.write(frameOf(payload));
      });
    });
    const session = sessionPlan(address, {
      ...QUICK,
      connections: 2,
      load: { model: 'closed', window: 1, thinkUs: 50_000 },
    });
    const cohorts = [0, 2].map((firstConnection) => cohortPlan({ ...session, firstConnection }));
    const runs = await runCohorts(planOf(engine, cohorts));
    expect([...stamped].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(runs.map((run) => run.count('framesMatched') === run.count('framesSent'))).toEqual([true, true]);
  });
});

/**
 * Pushes so many frames, the time at byte 2 of each set back by so much, each cut in the middle of its time; null: frames
 * too short for one.
 */
function pusher(frames: number, lateUs: number | null): Behaviour {
  return (socket) => {
    let left = frames;
    // The second part of the frame that is under way: it must be written before the next frame begins.
    let rest: Uint8Array | null = null;
    socket.setNoDelay(true).resume();
    const timer = setInterval(() => {
      if (rest !== null) {
        socket.write(rest);
        rest = null;
        return;
      }
      if (left-- === 0) {
        socket.end();
        return;
      }
      const payload = Buffer.alloc(lateUs === null ? 9 : 12);
      const nowUs = process.hrtime.bigint() / 1000n;
      if (lateUs !== null) payload.writeBigUInt64LE(nowUs - BigInt(lateUs), 2);
      const frame = frameOf(payload);
      socket.write(frame.subarray(0, 9));
      rest = frame.subarray(9);
    }, 3);
    socket.on('end', () => socket.end()).on('close', () => clearInterval(timer));
  };
}

test('Cohort sends the last frames of the plan on all connections before it closes any', () => {
  const calls: string[] = [];
  const clock = new ManualClock();
  const nothing = (): void => {};
  const engine: Partial<Engine> = {
    outbox: Buffer.alloc(65_536),
    outboxStart: 0,
    outboxBytes: 65_536,
    nowUs: () => clock.nowUs(),
    setDeadline: nothing,
    clearDeadline: nothing,
    dial: nothing,
    socketFacts: () => null,
    send: (slot) => calls.push(`send ${slot}`) > 0,
    sendTogether: (slot) => calls.push(`send ${slot}`) > 0,
    close: (slot) => void calls.push(`close ${slot}`),
  };
  const session = sessionPlan(
    { family: 4, host: '127.0.0.1', port: 1 },
    {
      ...QUICK,
      connections: 3,
      load: { model: 'open', totalRatePerSecond: 60, window: null },
      match: { mode: 'none', verifyEcho: false },
    },
  );
  const plan = cohortPlan(session);
  const table = new SessionTable({
    connections: 3,
    owner: { tick: nothing, ownerExpired: nothing },
    dialDue: nothing,
  });
  const cohort = new Cohort(plan, 0, {
    engine: engine as Engine,
    table,
    memory: newSlotMemory(3),
    originUs: clock.nowUs(),
    emptied: nothing,
  });
  cohort.tendDials(clock.nowUs());
  for (let slot = 0; slot < 3; slot++) table.dialed(slot, clock.nowUs(), { synRetransmits: 0 });
  calls.length = 0;
  clock.advance(QUICK.durationUs);
  cohort.drain(clock.nowUs());
  expect(calls).toEqual(['send 0', 'send 1', 'send 2', 'close 0', 'close 1', 'close 2']);
});
