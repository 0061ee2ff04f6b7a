import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { ENGINES, impatient, runSessions } from '../support/shard-run.ts';

describe('FrameReader', () => {
  test('never takes a late reply for an answer once it has given the frame up', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), 250));
    };
    const run = await runSessions(await serve(peer), { connections: 2, ...impatient({ readUs: 100_000 }) });
    expect(run.sessions).toEqual({ 'read-timeout': 2 });
    expect([run.count('framesSent'), run.count('framesLost')]).toEqual([2, 2]);
    expect([run.count('framesReceived'), run.count('framesMatched')]).toEqual([0, 0]);
  });

  test('counts second copies apart, and goes on', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        socket.write(Buffer.concat([frameOf(payload), frameOf(payload)]));
      });
    };
    const run = await runSessions(await serve(peer), { durationUs: 250_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('framesDuplicate')).toBe(run.count('framesMatched'));
  });

  test('counts a damaged echo as corrupt, and its frame as done', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        payload.writeUInt8(payload.readUInt8(63) ^ 1, 63);
        socket.write(frameOf(payload));
      });
    };
    const run = await runSessions(await serve(peer), { durationUs: 250_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesCorrupt')).toBeGreaterThan(0);
    expect(run.count('framesCorrupt')).toBe(run.count('framesSent'));
    expect(run.times('response')).toBe(0);
  });

  test('loses only what is owed: frames that were answered in the same chunk as the fault stay matched', async () => {
    const peer: Behaviour = (socket) => {
      const payloads: Buffer[] = [];
      onFrames(socket, (payload) => {
        payloads.push(frameOf(payload));
        if (payloads.length < 4) return;
        socket.write(Buffer.concat([...payloads.slice(0, 3), Buffer.from([0xff, 0, 0, 0])]));
      });
    };
    const run = await runSessions(await serve(peer), { load: { model: 'closed', window: 4, thinkUs: 0 } });
    expect(run.sessions).toEqual({ 'oversize-frame': 1 });
    expect([run.count('framesMatched'), run.count('framesLost')]).toEqual([3, 1]);
  });
});

const BEAT = Buffer.from('are you there?');

/** Echoes the first frame, and answers the second with a beginning of it. */
function cutSecond(answer: (socket: Socket, frame: Buffer) => void): Behaviour {
  return (socket) => {
    let frames = 0;
    onFrames(socket, (payload) => {
      if (frames++ === 0) socket.write(frameOf(payload));
      else answer(socket, frameOf(payload));
    });
  };
}

interface Row {
  cause: string;
  what: string;
  peer: Behaviour;
  plan?: Partial<SessionPlan>;
  /** Bytes of the cut frame that the peer wrote; 0: no frame was cut. */
  bytesReceived: number;
}

const ROWS: Row[] = [
  {
    cause: 'peer-closed',
    what: 'FIN between frames',
    peer: cutSecond((socket) => socket.end()),
    bytesReceived: 0,
  },
  {
    cause: 'peer-closed-mid-frame',
    what: 'FIN within a header',
    peer: cutSecond((socket, frame) => socket.end(frame.subarray(0, 2))),
    bytesReceived: 2,
  },
  {
    cause: 'peer-closed-mid-frame',
    what: 'FIN before the last byte',
    peer: cutSecond((socket, frame) => socket.end(frame.subarray(0, 67))),
    bytesReceived: 67,
  },
  {
    cause: 'reset-mid-frame',
    what: 'RST within a payload',
    peer: cutSecond((socket, frame) =>
      socket.write(frame.subarray(0, 30), () => setTimeout(() => socket.resetAndDestroy(), 20)),
    ),
    bytesReceived: 30,
  },
  {
    cause: 'read-timeout-mid-frame',
    what: 'a reply that stops',
    peer: cutSecond((socket, frame) => socket.write(frame.subarray(0, 5))),
    plan: impatient({ readUs: 150_000 }),
    bytesReceived: 5,
  },
  {
    cause: 'oversize-frame',
    what: 'a length beyond the maximum and 7 bytes behind it',
    peer: cutSecond((socket) => socket.write(Buffer.from([0x10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]))),
    bytesReceived: 11,
  },
  {
    cause: 'malformed-frame',
    what: 'a length that cannot be',
    peer: (socket) => socket.write(Buffer.from([0, 0, 0, 3])),
    plan: { frame: { format: parseFrameFormat('u32be+header'), header: null, maxBytes: 1_048_576 } },
    bytesReceived: 4,
  },
  {
    cause: 'heartbeat-missed',
    what: 'the beginning of an answer to a heartbeat',
    peer: (socket) =>
      onFrames(socket, (payload) =>
        socket.write(payload.equals(BEAT) ? frameOf(payload).subarray(0, 9) : frameOf(payload)),
      ),
    plan: {
      load: { model: 'closed', window: 1, thinkUs: 60e6 },
      heartbeat: { everyUs: 50_000, payload: BEAT, timeoutUs: 150_000 },
    },
    bytesReceived: 9,
  },
  {
    cause: 'closed-by-plan',
    what: 'a reply that is half there when the drain is over',
    peer: cutSecond((socket, frame) => socket.write(frame.subarray(0, 34))),
    plan: { durationUs: 150_000 },
    bytesReceived: 34,
  },
];

describe.each(ENGINES)('FrameReader.frameBytesSoFar with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null).each(ROWS)('tells what had come before $cause by $what', async (row) => {
    const { cause, peer, plan, bytesReceived } = row;
    const run = await runSessions(await serve(peer), { connections: 2, ...plan }, { engine });
    expect(run.sessions).toEqual({ [cause]: 2 });
    const cut = { cause, count: 2, bytesReceived: 2 * bytesReceived };
    expect(run.partialReads).toEqual(bytesReceived === 0 ? [] : [cut]);
  });
});
