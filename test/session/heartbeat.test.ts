import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { ENGINES, impatient, runSessions } from '../support/shard-run.ts';

const BEAT = Buffer.from('are you there?');

function beating(everyUs: number, overrides: Partial<SessionPlan['heartbeat']> = {}): Partial<SessionPlan> {
  return { heartbeat: { everyUs, payload: BEAT, timeoutUs: 5e6, ...overrides } };
}

/** A load of one frame at the start, and then nothing for longer than any test runs. */
const QUIET: Partial<SessionPlan> = { load: { model: 'closed', window: 1, thinkUs: 60e6 } };

/** Echoes the frames of the load, and lets `beat` deal with heartbeats. */
function telling(beat: (socket: Socket, payload: Buffer) => void): Behaviour {
  return (socket) => {
    onFrames(socket, (payload) => {
      if (payload.equals(BEAT)) beat(socket, payload);
      else socket.write(frameOf(payload));
    });
    socket.on('end', () => socket.end());
  };
}

describe.each(ENGINES)('Heartbeat with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('is counted and timed apart from the load when it is answered', async () => {
    const overrides = { ...QUIET, ...beating(40_000), durationUs: 400_000 };
    const run = await runSessions(await serve(echo), overrides, { engine });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    const answered = run.count('heartbeatsAnswered');
    expect(answered).toBeGreaterThanOrEqual(3);
    expect(answered).toBeLessThanOrEqual(9);
    expect(run.count('heartbeatsSent')).toBe(answered);
    expect(run.times('heartbeat')).toBe(answered);
    expect([run.count('framesSent'), run.count('framesReceived'), run.count('framesMatched')]).toEqual([
      1, 1, 1,
    ]);
    expect([run.times('response'), run.times('sendLag')]).toEqual([1, 1]);
  });

  test.skipIf(missing !== null)(
    'ends a silent connection as heartbeat-missed, and times the silence',
    async () => {
      // The reply to the one frame, which is the last sign of life, comes long before the heartbeat.
      const overrides = { ...QUIET, ...beating(300_000, { timeoutUs: 150_000 }) };
      const run = await runSessions(await serve(telling(() => undefined)), overrides, { engine });
      expect(run.sessions).toEqual({ 'heartbeat-missed': 1 });
      expect(run.errors).toMatchObject([{ outcome: 'heartbeat-missed', phase: 'open', errno: '', count: 1 }]);
      expect([run.count('heartbeatsSent'), run.count('heartbeatsAnswered')]).toEqual([1, 0]);
      // The heartbeat is no frame of the load: nothing is lost with it.
      expect([run.count('framesMatched'), run.count('framesLost')]).toEqual([1, 0]);
      expect(run.times('detect')).toBe(1);
      expect(run.histograms.get('detect')?.minUs).toBeGreaterThanOrEqual(150_000);
      expect(run.histograms.get('detect')?.maxUs).toBeLessThan(1e6);
    },
  );
});

describe('Heartbeat', () => {
  test('sends its own payload and nothing else beside the load', async () => {
    const seen: string[] = [];
    const peer = telling((socket, payload) => {
      seen.push(payload.toString());
      socket.write(frameOf(payload));
    });
    const run = await runSessions(await serve(peer), { ...QUIET, ...beating(40_000), durationUs: 250_000 });
    expect(seen).toHaveLength(run.count('heartbeatsSent'));
    expect([...new Set(seen)]).toEqual([BEAT.toString()]);
  });

  test('sends the ordinary payload where it has none of its own', async () => {
    const sizes: number[] = [];
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        sizes.push(payload.length);
        socket.write(frameOf(payload));
      });
    };
    const overrides = { ...QUIET, ...beating(40_000, { payload: null }), durationUs: 250_000 };
    const run = await runSessions(await serve(peer), overrides);
    expect(sizes).toHaveLength(run.count('framesSent') + run.count('heartbeatsSent'));
    expect(run.count('heartbeatsSent')).toBeGreaterThan(0);
    expect([...new Set(sizes)]).toEqual([64]);
    expect(run.count('framesCorrupt')).toBe(0);
  });

  test.each<[mode: string, overrides: Partial<SessionPlan>]>([
    ['fifo', beating(10_000)],
    ['id', { ...beating(10_000, { payload: null }), match: { mode: 'id', verifyEcho: true } }],
  ])('takes no place in the window and disturbs no matching (%s)', async (_, overrides) => {
    // The peer holds frames back until the window is full, so a heartbeat in it would halt the run.
    const peer: Behaviour = (socket) => {
      const held: Buffer[] = [];
      let load = 0;
      onFrames(socket, (payload) => {
        held.push(frameOf(payload));
        if (!payload.equals(BEAT)) load++;
        if (load < 4) return;
        load = 0;
        socket.write(Buffer.concat(held.splice(0)));
      });
    };
    const run = await runSessions(
      await serve(peer),
      { load: { model: 'closed', window: 4, thinkUs: 3000 }, durationUs: 300_000, ...overrides },
      { drainUs: 100_000 },
    );
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('heartbeatsAnswered')).toBeGreaterThan(0);
    expect(run.count('framesMatched')).toBeGreaterThan(40);
    const strays = [
      'framesCorrupt',
      'framesDuplicate',
      'framesUnsolicited',
      'framesReordered',
      'framesLost',
    ] as const;
    expect(strays.map((name) => run.count(name))).toEqual([0, 0, 0, 0, 0]);
  });

  test('has a deadline of its own: a short read timeout is not for heartbeats', async () => {
    const late = telling((socket, payload) => setTimeout(() => socket.write(frameOf(payload)), 200));
    const run = await runSessions(await serve(late), {
      ...QUIET,
      ...beating(30_000),
      ...impatient({ readUs: 60_000 }),
      durationUs: 600_000,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('heartbeatsAnswered')).toBeGreaterThanOrEqual(2);
    expect(run.histograms.get('heartbeat')?.minUs).toBeGreaterThanOrEqual(190_000);
  });

  test('finds out a target that dies while a connection that has sent its last frame waits', async () => {
    // The second frame is never answered and the heartbeat before it neither.
    const run = await runSessions(await serve(telling(() => undefined)), {
      load: { model: 'closed', window: 1, thinkUs: 100_000 },
      lifetime: { kind: 'frames', count: 2 },
      ...beating(50_000, { timeoutUs: 200_000 }),
      durationUs: 5e6,
    });
    expect(run.sessions).toEqual({ 'heartbeat-missed': 1 });
    expect(run.finished.endUs).toBeLessThan(2e6);
  });
});
