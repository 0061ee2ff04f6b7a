import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { EngineName } from '../../src/engine/engine.ts';
import type { TlsMaterial } from '../../src/engine/tls-material.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { parsePayloadSize } from '../../src/framing/payload-size.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { echo, frameOf, onFrames, serve, serveTls, type Behaviour } from '../support/loopback-server.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { ENGINES, holdLoop, impatient, runSessions } from '../support/shard-run.ts';
import { clientMaterial, tlsText } from '../support/tls-fixtures.ts';

const TLS = clientMaterial();
const SERVER_TLS = { cert: tlsText('server.pem'), key: tlsText('server-key.pem') };

/** Echoes the first frame and does something else from the second on. */
function afterOneEcho(misbehave: (socket: Socket, frame: Buffer) => void): Behaviour {
  return (socket) => {
    let frames = 0;
    onFrames(socket, (payload) => {
      frames++;
      if (frames === 1) socket.write(frameOf(payload));
      else misbehave(socket, frameOf(payload));
    });
  };
}

/** Writes `bytes` and resets the connection once they have left. */
function writeThenReset(socket: Socket, bytes: Buffer): void {
  socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 20));
}

/** Sends `frame` byte by byte, much slower than any read timeout allows. */
function dribble(socket: Socket, frame: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => socket.write(frame.subarray(sent, ++sent)), 20);
  socket.on('close', () => clearInterval(timer));
}

interface Row {
  what: string;
  peer: Behaviour;
  plan?: Partial<SessionPlan>;
  outcome: string;
  /** Frames matched and lost; every row loses what it owes and sends no more than one frame at a time. */
  matched: number;
  lost: number;
  /** Errno, system call (RECEIVE: the engine's own) and phase as the errors show them; our deadlines have neither. */
  error: [errno: string, syscall: string, phase: string];
}

/** In place of the system call by which an engine receives. */
const RECEIVE = 'receive';
const RECEIVE_CALLS: Readonly<Record<EngineName, string>> = { node: 'read', epoll: 'recv' };

const ROWS: Row[] = [
  {
    what: 'FIN between frames',
    peer: afterOneEcho((socket) => socket.end()),
    outcome: 'peer-closed',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'FIN within a header',
    peer: afterOneEcho((socket, frame) => socket.end(frame.subarray(0, 2))),
    outcome: 'peer-closed-mid-frame',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'FIN within a payload',
    peer: afterOneEcho((socket, frame) => socket.end(frame.subarray(0, 67))),
    outcome: 'peer-closed-mid-frame',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'FIN at once',
    peer: (socket) => socket.end(),
    outcome: 'peer-closed',
    matched: 0,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'RST between frames',
    peer: afterOneEcho((socket) => socket.resetAndDestroy()),
    outcome: 'reset',
    matched: 1,
    lost: 1,
    error: ['ECONNRESET', RECEIVE, 'open'],
  },
  {
    what: 'RST within a frame',
    peer: afterOneEcho((socket, frame) => writeThenReset(socket, frame.subarray(0, 30))),
    outcome: 'reset-mid-frame',
    matched: 1,
    lost: 1,
    error: ['ECONNRESET', RECEIVE, 'open'],
  },
  {
    what: 'silence',
    peer: afterOneEcho(() => undefined),
    plan: impatient({ readUs: 150_000 }),
    outcome: 'read-timeout',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'a reply that dribbles in, since the deadline is for the whole frame',
    peer: afterOneEcho(dribble),
    plan: impatient({ readUs: 200_000 }),
    outcome: 'read-timeout-mid-frame',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'a reply that is cut for good',
    peer: afterOneEcho((socket, frame) => socket.write(frame.subarray(0, 3))),
    plan: impatient({ readUs: 150_000 }),
    outcome: 'read-timeout-mid-frame',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'a frame beyond the maximum',
    peer: afterOneEcho((socket) => socket.write(Buffer.from([0x10, 0, 0, 0]))),
    outcome: 'oversize-frame',
    matched: 1,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'a length that cannot be',
    peer: (socket) => socket.write(Buffer.from([0, 0, 0, 3])),
    plan: { frame: { format: parseFrameFormat('u32be+header'), header: null, maxBytes: 1_048_576 } },
    outcome: 'malformed-frame',
    matched: 0,
    lost: 1,
    error: ['', '', 'open'],
  },
  {
    what: 'another preface',
    peer: (socket) => socket.write('HELLO'),
    plan: { preface: { send: null, expect: Buffer.from('READY'), timeoutUs: 5e6 } },
    outcome: 'bad-preface',
    matched: 0,
    lost: 0,
    error: ['', '', 'preface'],
  },
  {
    what: 'half a preface',
    peer: (socket) => socket.write('REA'),
    plan: { preface: { send: null, expect: Buffer.from('READY'), timeoutUs: 150_000 } },
    outcome: 'preface-timeout',
    matched: 0,
    lost: 0,
    error: ['', '', 'preface'],
  },
  {
    what: 'FIN in place of a preface',
    peer: (socket) => socket.end('REA'),
    plan: { preface: { send: null, expect: Buffer.from('READY'), timeoutUs: 5e6 } },
    outcome: 'peer-closed',
    matched: 0,
    lost: 0,
    error: ['', '', 'preface'],
  },
  {
    what: 'no handshake',
    peer: () => undefined,
    plan: { tls: TLS, ...impatient({ connectUs: 150_000 }) },
    outcome: 'tls-failed',
    matched: 0,
    lost: 0,
    error: ['', '', 'tls'],
  },
  {
    what: 'FIN in place of a handshake',
    peer: (socket) => socket.end(),
    plan: { tls: TLS },
    outcome: 'tls-failed',
    matched: 0,
    lost: 0,
    error: ['ERR_SSL_UNEXPECTED_EOF_WHILE_READING', 'handshake', 'tls'],
  },
  {
    what: 'something that is no TLS',
    peer: (socket) => socket.write('220 mail.example ready\r\n'),
    plan: { tls: TLS },
    outcome: 'tls-failed',
    matched: 0,
    lost: 0,
    error: ['ERR_SSL_WRONG_VERSION_NUMBER', 'handshake', 'tls'],
  },
];

describe.each(ENGINES)('Session with the $engine engine', ({ engine, missing }) => {
  const skipped = missing !== null;
  const rows = ROWS.filter(({ plan }) => engine === 'node' || (plan?.tls ?? null) === null);
  test.skipIf(skipped).each(rows)('ends as $outcome when its peer answers with $what', async (row) => {
    const { peer, plan, outcome, matched, lost, error } = row;
    const run = await runSessions(await serve(peer), plan ?? {}, { engine });
    expect(run.sessions).toEqual({ [outcome]: 1 });
    expect(run.dials).toEqual({ connected: 1 });
    expect([run.count('framesMatched'), run.count('framesLost')]).toEqual([matched, lost]);
    expect(run.errors).toHaveLength(1);
    const [{ errno, syscall, phase }] = run.errors as [(typeof run.errors)[0]];
    expect([errno, syscall, phase]).toEqual(
      error.map((word) => (word === RECEIVE ? RECEIVE_CALLS[engine] : word)),
    );
    expect(run.errors[0]).toMatchObject({ outcome, count: 1 });
    expect(run.times('response')).toBe(matched);
  });

  test.skipIf(skipped)('ends as closed-by-plan and without error when nothing is wrong', async () => {
    const run = await runSessions(await serve(echo), { connections: 3, durationUs: 250_000 }, { engine });
    expect(run.sessions).toEqual({ 'closed-by-plan': 3 });
    expect(run.errors).toEqual([]);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('framesMatched')).toBeGreaterThan(0);
    expect(run.times('response')).toBe(run.count('framesMatched'));
    expect(run.times('service')).toBe(run.count('framesMatched'));
    expect(run.times('dial')).toBe(3);
  });

  test.skipIf(skipped)(
    'ends as write-timeout behind an unread send queue, and tells the cut write',
    async () => {
      const run = await runSessions(
        await serve((socket) => socket.pause()),
        {
          payload: { size: parsePayloadSize('16MiB'), message: null, stamp: true },
          frame: { format: parseFrameFormat('u32be'), header: null, maxBytes: 32 * 1_048_576 },
          // The read deadline is the earlier one, but nothing is owed for a frame that has not left.
          ...impatient({ writeUs: 200_000, readUs: 100_000 }),
        },
        { engine },
      );
      expect(run.sessions).toEqual({ 'write-timeout': 1 });
      expect(run.count('writeStalls')).toBe(1);
      expect(run.count('framesLost')).toBe(1);
      expect(run.partialWrites).toMatchObject([
        { cause: 'write-timeout', count: 1, exact: engine === 'epoll' },
      ]);
      expect(run.partialWrites[0]?.bytesUnsent).toBeGreaterThan(0);
    },
  );

  test.skipIf(skipped)(
    'ends as read-timeout behind an unread send queue when a frame that left is owed',
    async () => {
      const run = await runSessions(
        await serve((socket) => socket.pause()),
        {
          payload: { size: parsePayloadSize('1MiB'), message: null, stamp: true },
          load: { model: 'open', totalRatePerSecond: 200, window: null },
          ...impatient({ writeUs: 5e6, readUs: 300_000 }),
        },
        { engine },
      );
      expect(run.sessions).toEqual({ 'read-timeout': 1 });
      expect(run.count('writeStalls')).toBe(1);
    },
  );
});

describe('Session ends in exactly one outcome when its peer answers with', () => {
  test('a close that the next write finds first: broken-pipe', async () => {
    const path = join(scratchDirectory(), 'peer.sock');
    const peer: Behaviour = (socket) => {
      socket.once('data', () =>
        setImmediate(() => {
          socket.destroy();
          // The loop runs its timers, and with them the next frame, before it looks at the socket again.
          holdLoop(40);
        }),
      );
    };
    const run = await runSessions(await serve(peer, { path }), {
      load: { model: 'open', totalRatePerSecond: 100, window: null },
    });
    expect(run.sessions).toEqual({ 'broken-pipe': 1 });
    expect(run.errors).toMatchObject([{ errno: 'EPIPE', errnoNumber: 32, syscall: 'write' }]);
  });

  test.each<[string, TlsMaterial, string]>([
    ['a certificate of an unknown authority', { ...TLS, ca: null }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [
      'a certificate of another name',
      { ...TLS, servername: 'other.example' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
  ])('%s: tls-failed', async (_, tls, errno) => {
    const run = await runSessions(await serveTls(echo, SERVER_TLS), { tls });
    expect(run.sessions).toEqual({ 'tls-failed': 1 });
    expect(run.errors).toMatchObject([{ phase: 'tls', errno, syscall: 'handshake' }]);
    expect(run.count('framesSent')).toBe(0);
  });

  test('a demand for a certificate that it has none of: tls-failed, though the handshake seemed done', async () => {
    const address = await serveTls(echo, { ...SERVER_TLS, ca: tlsText('ca.pem'), requestCert: true });
    const run = await runSessions(address, { tls: TLS });
    expect(run.sessions).toEqual({ 'tls-failed': 1 });
  });
});

describe('Session', () => {
  test('times the handshake apart from the dial, and exchanges frames under TLS', async () => {
    const run = await runSessions(await serveTls(echo, SERVER_TLS), { tls: TLS, durationUs: 250_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect([run.times('dial'), run.times('tls')]).toEqual([1, 1]);
    expect(run.count('framesMatched')).toBeGreaterThan(0);
  });

  test('exchanges prefaces before frames, wherever the preface is cut, and times it', async () => {
    const arrived: string[] = [];
    const peer: Behaviour = (socket) => {
      socket.once('data', (chunk: Buffer) => {
        arrived.push(chunk.toString('latin1'));
        socket.write('REA');
        // The frame that follows in the same segment must not be lost to the preface.
        setTimeout(() => socket.write(Buffer.concat([Buffer.from('DY'), frameOf(Buffer.from('news'))])), 30);
        echo(socket);
      });
    };
    const run = await runSessions(await serve(peer), {
      preface: { send: Buffer.from('HI\n'), expect: Buffer.from('READY'), timeoutUs: 5e6 },
      durationUs: 250_000,
    });
    expect(arrived).toEqual(['HI\n']);
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.times('preface')).toBe(1);
    expect(run.histograms.get('preface')?.maxUs).toBeGreaterThanOrEqual(29_000);
    // Whether the stray frame comes before or behind the first frame's send decides what it is taken for.
    expect(run.count('framesUnsolicited') + run.count('framesCorrupt')).toBe(1);
    expect(run.count('framesMatched')).toBeGreaterThan(0);
  });

  test('holds the deadline against the oldest frame, however many others are answered', async () => {
    // The first frame is never answered, all others at once.
    const peer: Behaviour = (socket) => {
      let frames = 0;
      onFrames(socket, (payload) => {
        if (frames++ > 0) socket.write(frameOf(payload));
      });
    };
    const run = await runSessions(await serve(peer), {
      load: { model: 'closed', window: 2, thinkUs: 5000 },
      match: { mode: 'id', verifyEcho: true },
      ...impatient({ readUs: 200_000 }),
    });
    expect(run.sessions).toEqual({ 'read-timeout': 1 });
    expect(run.count('framesMatched')).toBeGreaterThan(0);
    expect(run.count('framesLost')).toBeGreaterThanOrEqual(1);
  });

  test('watches the replies of frames that a timer sent (think time)', async () => {
    const run = await runSessions(await serve(afterOneEcho(() => undefined)), {
      load: { model: 'closed', window: 1, thinkUs: 100_000 },
      ...impatient({ readUs: 100_000 }),
    });
    expect(run.sessions).toEqual({ 'read-timeout': 1 });
  });

  test('watches the replies of frames that a timer sent (open model)', async () => {
    const run = await runSessions(await serve((socket) => socket.resume()), {
      load: { model: 'open', totalRatePerSecond: 20, window: null },
      ...impatient({ readUs: 100_000 }),
    });
    expect(run.sessions).toEqual({ 'read-timeout': 1 });
  });
});
