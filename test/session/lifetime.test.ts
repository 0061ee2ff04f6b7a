import { describe, expect, test } from 'vitest';

import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { ENGINES, runSessions } from '../support/shard-run.ts';

/** Answers every frame after a while, as a target at some distance would. */
function distant(delayMs: number): Behaviour {
  return (socket) => {
    onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), delayMs));
    socket.on('end', () => socket.end());
  };
}

describe.each(ENGINES)('Session with the $engine engine and a lifetime', ({ engine, missing }) => {
  test.skipIf(missing !== null)(
    'of frames: sends so many on each connection, awaits them and closes',
    async () => {
      const lifetime = { kind: 'frames', count: 7 } as const;
      const overrides = {
        connections: 3,
        lifetime,
        load: { model: 'closed', window: 4, thinkUs: 0 },
      } as const;
      const run = await runSessions(await serve(echo), overrides, { engine });
      expect(run.sessions).toEqual({ 'closed-by-plan': 3 });
      expect([run.count('framesSent'), run.count('framesMatched')]).toEqual([21, 21]);
      expect(run.finished.endUs).toBeLessThan(10e6);
    },
  );

  test.skipIf(missing !== null)('of time: closes when it is over, with every reply awaited', async () => {
    const lifetime = { kind: 'time', us: 200_000 } as const;
    const run = await runSessions(await serve(distant(30)), { connections: 2, lifetime }, { engine });
    expect(run.sessions).toEqual({ 'closed-by-plan': 2 });
    expect(run.finished.endUs).toBeGreaterThanOrEqual(200_000);
    expect(run.finished.endUs).toBeLessThan(3e6);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('framesMatched')).toBeGreaterThan(4);
  });
});

describe('Session with a lifetime', () => {
  test.each<[kind: string, lifetime: SessionPlan['lifetime']]>([
    ['of frames', { kind: 'frames', count: 1_000_000 }],
    ['of time', { kind: 'time', us: 60e6 }],
  ])('%s that outlasts the run is closed by the plan with it', async (_, lifetime) => {
    const run = await runSessions(await serve(echo), { lifetime, durationUs: 150_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
  });

  test('that ends in the drain still awaits the reply that is owed', async () => {
    const run = await runSessions(await serve(distant(300)), {
      lifetime: { kind: 'time', us: 150_000 },
      durationUs: 100_000,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.count('framesSent'), run.count('framesMatched'), run.count('framesInFlightAtEnd')]).toEqual([
      1, 1, 0,
    ]);
  });

  test('of one frame in one-way traffic is over when the kernel has it', async () => {
    const seen: number[] = [];
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => void seen.push(payload.length));
      socket.on('end', () => socket.end());
    };
    const run = await runSessions(await serve(peer), {
      connections: 2,
      lifetime: { kind: 'frames', count: 1 },
      match: { mode: 'none', verifyEcho: false },
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 2 });
    expect(run.count('framesOneWay')).toBe(2);
    // The kernel may have the frames before the peer has read them.
    await expect.poll(() => seen).toEqual([64, 64]);
  });

  test('of frames in the open model sends these and leaves the others unsent', async () => {
    const run = await runSessions(await serve(echo), {
      load: { model: 'open', totalRatePerSecond: 200, window: null },
      lifetime: { kind: 'frames', count: 5 },
      durationUs: 2e6,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.count('framesSent'), run.count('framesMatched')]).toEqual([5, 5]);
  });
});
