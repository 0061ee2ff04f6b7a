import type { Socket } from 'node:net';
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

  test('that ended before the plan still awaits the reply that is owed when the plan ends', async () => {
    const run = await runSessions(await serve(distant(300)), {
      lifetime: { kind: 'frames', count: 1 },
      durationUs: 100_000,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.count('framesMatched'), run.count('framesInFlightAtEnd')]).toEqual([1, 0]);
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

/** How a raw peer saw the end of its connection. */
interface Seen {
  ended: boolean;
  error: string | null;
  frames: number;
  /** Frames that had not been answered when the FIN came. */
  owedAtEnd: number;
}

const PLAN: Partial<SessionPlan> = { lifetime: { kind: 'frames', count: 3 } };

/** A peer that answers by `answer`, and what it saw, once its connection has closed. */
function watching(answer: (socket: Socket, payload: Buffer, seen: Seen) => void): {
  peer: Behaviour;
  seen: Promise<Seen>;
} {
  let resolve: (seen: Seen) => void;
  const seen = new Promise<Seen>((done) => (resolve = done));
  const peer: Behaviour = (socket) => {
    const sight: Seen = { ended: false, error: null, frames: 0, owedAtEnd: 0 };
    onFrames(socket, (payload) => {
      sight.frames++;
      answer(socket, payload, sight);
    });
    socket.on('end', () => (sight.ended = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (sight.error = error.code ?? ''));
    socket.on('close', () => resolve(sight));
  };
  return { peer, seen };
}

function answerAtOnce(socket: Socket, payload: Buffer): void {
  socket.write(frameOf(payload));
}

describe.each(ENGINES)('Session with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('with close fin: the peer reads the end, behind everything', async () => {
    const { peer, seen } = watching(answerAtOnce);
    const address = await serve((socket) => {
      peer(socket);
      socket.on('end', () => socket.end());
    });
    const run = await runSessions(address, { ...PLAN, close: 'fin' }, { engine });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(await seen).toEqual({ ended: true, error: null, frames: 3, owedAtEnd: 0 });
  });

  test.skipIf(missing !== null)('with close reset: the peer gets ECONNRESET and no end', async () => {
    const { peer, seen } = watching(answerAtOnce);
    const run = await runSessions(await serve(peer), { ...PLAN, close: 'reset' }, { engine });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.errors).toEqual([]);
    expect(run.count('framesMatched')).toBe(3);
    expect(await seen).toEqual({ ended: false, error: 'ECONNRESET', frames: 3, owedAtEnd: 0 });
  });

  test.skipIf(missing !== null)(
    'with close half: the end comes before the last reply, which still counts',
    async () => {
      const { peer, seen } = watching((socket, payload, sight) => {
        if (sight.frames < 3) return answerAtOnce(socket, payload);
        sight.owedAtEnd = 1;
        // The last frame is answered only when the FIN has been read, and some time later.
        socket.on('end', () => setTimeout(() => socket.end(frameOf(payload)), 50));
      });
      const run = await runSessions(await serve(peer), { ...PLAN, close: 'half' }, { engine });
      expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
      expect(run.errors).toEqual([]);
      expect([run.count('framesSent'), run.count('framesMatched')]).toEqual([3, 3]);
      expect(await seen).toEqual({ ended: true, error: null, frames: 3, owedAtEnd: 1 });
    },
  );

  test.skipIf(missing !== null)(
    'with close half: a peer that ends without its last reply is peer-closed',
    async () => {
      const { peer, seen } = watching((socket, payload, sight) => {
        if (sight.frames < 3) answerAtOnce(socket, payload);
        else socket.on('end', () => socket.end());
      });
      const run = await runSessions(await serve(peer), { ...PLAN, close: 'half' }, { engine });
      expect(run.sessions).toEqual({ 'peer-closed': 1 });
      expect(run.errors).toMatchObject([{ outcome: 'peer-closed', phase: 'drain', errno: '', count: 1 }]);
      expect([run.count('framesMatched'), run.count('framesLost')]).toEqual([2, 1]);
      expect((await seen).ended).toBe(true);
    },
  );

  test.skipIf(missing !== null)(
    'with close fin: a connection that is not retired gets no end before its time',
    async () => {
      const { peer, seen } = watching((socket, payload, sight) => {
        if (sight.frames < 3) answerAtOnce(socket, payload);
        else
          setTimeout(() => {
            sight.owedAtEnd = sight.ended ? 1 : 0;
            answerAtOnce(socket, payload);
            socket.on('end', () => socket.end());
          }, 50);
      });
      const run = await runSessions(await serve(peer), { ...PLAN, close: 'fin' }, { engine });
      expect(run.count('framesMatched')).toBe(3);
      expect(await seen).toMatchObject({ ended: true, owedAtEnd: 0 });
    },
  );
});
