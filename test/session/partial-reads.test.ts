import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { ENGINES, impatient, runSessions } from '../support/shard-run.ts';

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

describe.each(ENGINES)('partial reads with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null).each(ROWS)('tell what had come before $cause by $what', async (row) => {
    const { cause, peer, plan, bytesReceived } = row;
    const run = await runSessions(await serve(peer), { connections: 2, ...plan }, { engine });
    expect(run.sessions).toEqual({ [cause]: 2 });
    const cut = { cause, count: 2, bytesReceived: 2 * bytesReceived };
    expect(run.partialReads).toEqual(bytesReceived === 0 ? [] : [cut]);
  });
});
