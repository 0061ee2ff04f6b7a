import { describe, expect, test } from 'vitest';

import { present } from '../../src/base/assert.ts';
import type { SessionOutcome } from '../../src/measure/outcome.ts';
import { NOTHING_SEEN, type ClosingFacts } from '../../src/engine/engine.ts';
import { whyNoEpoll } from '../../src/engine/linux/probe.ts';
import { NodeEngine } from '../../src/engine/node/node-engine.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { parsePayloadSize } from '../../src/framing/payload-size.ts';
import { COUNTER } from '../../src/measure/counters.ts';
import type { SessionContext } from '../../src/session/session-context.ts';
import { noteDiscovery } from '../../src/session/session-ledger.ts';
import { SessionTable } from '../../src/session/session-table.ts';
import { onFrames, frameOf, serve, serveNobody, type Behaviour } from '../support/loopback-server.ts';
import { soleContext } from '../support/session-context.ts';
import { ENGINES, impatient, runSessions, runShard, sessionPlan, shardPlan } from '../support/shard-run.ts';

const EPOLL = { engine: 'epoll' } as const;
const MIB_16 = 16 * 1_048_576;
const LARGE = {
  payload: { size: parsePayloadSize('16MiB'), message: null, stamp: true },
  frame: { format: parseFrameFormat('u32be'), header: null, maxBytes: 2 * MIB_16 },
};

describe.each(ENGINES)('the ledger with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('times how long a silent peer went undetected', async () => {
    const peer: Behaviour = (socket) => {
      let frames = 0;
      onFrames(socket, (payload) => {
        if (frames++ === 0) setTimeout(() => socket.write(frameOf(payload)), 100);
      });
    };
    const run = await runSessions(
      await serve(peer),
      { connections: 2, ...impatient({ readUs: 200_000 }) },
      { engine },
    );
    expect(run.sessions).toEqual({ 'read-timeout': 2 });
    expect(run.times('detect')).toBe(2);
    // From the last sign of life, the first reply; not from the dial.
    expect(run.histograms.get('detect')?.minUs).toBeGreaterThanOrEqual(195_000);
    expect(run.histograms.get('detect')?.maxUs).toBeLessThan(295_000 + 700_000);
  });

  test.skipIf(missing !== null)(
    'times no detection where the peer itself said that it was over',
    async () => {
      const run = await runSessions(await serve((socket) => socket.end()), {}, { engine });
      expect(run.sessions).toEqual({ 'peer-closed': 1 });
      expect(run.times('detect')).toBe(0);
    },
  );
});

describe.skipIf(whyNoEpoll() !== null)('the ledger of the epoll engine', () => {
  test('holds what the kernel took of a frame that was cut, to the byte', async () => {
    let received = 0;
    const peer: Behaviour = (socket) => {
      socket.pause();
      setTimeout(() => {
        socket.on('data', (chunk: Buffer) => (received += chunk.length));
        socket.resume();
      }, 600);
    };
    const run = await runSessions(await serve(peer), { ...LARGE, ...impatient({ writeUs: 200_000 }) }, EPOLL);
    expect(run.sessions).toEqual({ 'write-timeout': 1 });
    expect(run.partialWrites).toHaveLength(1);
    const row = present(run.partialWrites[0], 'the cut write');
    expect(row).toMatchObject({ cause: 'write-timeout', count: 1, exact: true });
    const { bytesAccepted, bytesUnsent, bytesAcked } = row;
    expect(bytesAccepted + bytesUnsent).toBe(MIB_16 + 4);
    expect(bytesAccepted).toBeGreaterThan(0);
    expect(bytesAcked).toBeGreaterThan(0);
    expect(bytesAcked).toBeLessThanOrEqual(bytesAccepted);
    expect(run.count('bytesSent')).toBe(bytesAccepted);
    await expect.poll(() => received, { timeout: 5000 }).toBe(bytesAccepted);
  });

  test('takes frames back that the kernel never began: they were not sent', async () => {
    const overrides = {
      payload: { size: parsePayloadSize('10kB'), message: null, stamp: true },
      load: { model: 'closed', window: 1000, thinkUs: 0 },
      socket: { ...sessionPlan({ family: 4, host: '', port: 0 }).socket, sendBufferBytes: 4096 },
      ...impatient({ writeUs: 150_000 }),
    } as const;
    const run = await runSessions(await serve((socket) => socket.pause()), overrides, EPOLL);
    expect(run.sessions).toEqual({ 'write-timeout': 1 });
    const cut = run.partialWrites[0] ?? { bytesAccepted: 0, bytesUnsent: 0 };
    const frameBytes = 10_004;
    // Whole frames and the one that was cut are all that counts as sent.
    const whole = run.count('framesSent') - run.partialWrites.length;
    expect(run.count('bytesSent')).toBe(whole * frameBytes + cut.bytesAccepted);
    expect(run.count('framesLost')).toBe(run.count('framesSent'));
  });

  test('counts connections that were closed with bytes unread, which the peer sees as a reset', async () => {
    const errors: string[] = [];
    const peer: Behaviour = (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
      // An impossible length, and much more behind it than one read takes.
      socket.once('data', () => socket.write(Buffer.alloc(2_000_000, 0xff)));
    };
    const run = await runSessions(await serve(peer), {}, EPOLL);
    expect(run.sessions).toEqual({ 'oversize-frame': 1 });
    expect(run.count('closesUnread')).toBe(1);
    expect(run.count('bytesUnread')).toBeGreaterThan(0);
    expect(run.count('bytesUnread')).toBeLessThan(2_000_000);
    await expect.poll(() => errors.length, { timeout: 5000 }).toBeGreaterThan(0);
    expect(['ECONNRESET', 'EPIPE']).toContain(errors[0]);
  });

  test('counts nothing as unread where all was read', async () => {
    const run = await runSessions(await serve((socket) => socket.end()), { connections: 3 }, EPOLL);
    expect([run.count('closesUnread'), run.count('bytesUnread')]).toEqual([0, 0]);
  });

  test('holds no ghost against a target that reads nothing: its kernel acknowledged', async () => {
    const overrides = { connections: 2, ...impatient({ readUs: 150_000 }) };
    const run = await runSessions(await serve((socket) => socket.pause()), overrides, EPOLL);
    expect(run.sessions).toEqual({ 'read-timeout': 2 });
    expect(run.count('ghosts')).toBe(0);
  });

  test('counts each dial once by its SYN repeats, connected or given up', async () => {
    const address = await serveNobody();
    const overrides = { connections: 3, ...impatient({ connectUs: 100_000 }) };
    const given = await runShard(shardPlan(sessionPlan(address, overrides), EPOLL));
    expect(given.dials).toEqual({ timedOut: 3 });
    expect([...(given.intervals.at(-1)?.snapshot.synRetransmits ?? [])].slice(0, 2)).toEqual([3, 0]);
    const made = await runSessions(await serve((socket) => socket.end()), { connections: 4 }, EPOLL);
    expect([...(made.intervals.at(-1)?.snapshot.synRetransmits ?? [])].slice(0, 2)).toEqual([4, 0]);
  });

  test('keeps the options of a connected socket as the kernel has them', async () => {
    const socket = { ...sessionPlan({ family: 4, host: '', port: 0 }).socket, userTimeoutMs: 1234 };
    const run = await runSessions(await serve((peer) => peer.end()), { socket }, EPOLL);
    expect(run.finished.socket).toMatchObject({ noDelay: 1, userTimeoutMs: 1234 });
  });

  test('dials from the source addresses in turn', async () => {
    const seen: string[] = [];
    const address = await serve((socket) => {
      seen.push(socket.remoteAddress ?? '');
      socket.end();
    });
    const sourceIps = ['127.0.0.2', '127.0.0.3', '::1', '127.0.0.4'];
    await runSessions(address, { connections: 6, sourceIps }, EPOLL);
    expect(seen.toSorted()).toEqual([
      '127.0.0.2',
      '127.0.0.2',
      '127.0.0.3',
      '127.0.0.3',
      '127.0.0.4',
      '127.0.0.4',
    ]);
  });

  test('dials a connection anew from the next source address', async () => {
    const seen: string[] = [];
    const address = await serve((socket) => {
      seen.push(socket.remoteAddress ?? '');
      socket.end();
    });
    const sourceIps = ['127.0.0.2', '127.0.0.3'];
    const plan = { connections: 1, sourceIps, reconnect: 'immediate', durationUs: 200_000 } as const;
    await runSessions(address, plan, EPOLL);
    expect(seen.slice(0, 4)).toEqual([...sourceIps, ...sourceIps]);
  });
});

describe('noteDiscovery counts a connection as', () => {
  const seen: ClosingFacts = {
    ...NOTHING_SEEN,
    bytesAcked: 0,
    bytesUnacked: 100,
    bytesUnread: 0,
    retransmits: 2,
  };
  const end = {
    outcome: 'read-timeout',
    facts: seen,
    nowUs: 10_000_000,
    lastLifeUs: 0,
    heard: false,
  } as const;

  test.each<[what: string, why: string, facts: Partial<ClosingFacts>, heard: boolean, ghosts: number]>([
    ['a ghost', 'it brought nothing, and what was sent again was never acknowledged', {}, false, 1],
    ['no ghost', 'its target has spoken', {}, true, 0],
    ['no ghost', 'the kernel of its target has taken something', { bytesAcked: 1 }, false, 0],
    ['no ghost', 'our own kernel took nothing of what was to be sent', { bytesUnacked: 0 }, false, 0],
    ['no ghost', 'what was sent may still be on its way', { retransmits: 0 }, false, 0],
    ['no ghost', 'the engine cannot see it', { bytesAcked: null, retransmits: null }, false, 0],
  ])('%s where %s', (_what, _why, facts, heard, ghosts) => {
    const context = bareContext();
    noteDiscovery(context, { ...end, facts: { ...seen, ...facts }, heard });
    expect(context.meter.counters[COUNTER.ghosts]).toBe(ghosts);
  });

  test.each(['peer-closed', 'peer-closed-mid-frame'] as const)('no ghost where it ended as %s', (outcome) => {
    const context = bareContext();
    noteDiscovery(context, { ...end, outcome });
    expect(context.meter.counters[COUNTER.ghosts]).toBe(0);
  });

  test.each<[outcome: SessionOutcome, facts: Partial<ClosingFacts>, detectUs: number, silent: boolean]>([
    ['read-timeout', { takenUs: 8e6, peerSentUs: 9e6 }, 10_000_000, true],
    ['heartbeat-missed', { takenUs: 8e6, peerSentUs: 9e6 }, 10_000_000, true],
    ['write-timeout', { takenUs: null, peerSentUs: 9e6 }, 10_000_000, true],
    ['write-timeout', { takenUs: 9.9e6, peerSentUs: 9e6 }, 100_000, false],
    ['keepalive-timeout', { peerSentUs: 7e6 }, 3_000_000, true],
    ['user-timeout', { peerSentUs: 7e6 }, 3_000_000, true],
    ['unreachable', { peerSentUs: null }, 10_000_000, true],
  ])('%s with %j after %d us, silent: %s', (outcome, facts, detectUs, silent) => {
    const context = bareContext();
    noteDiscovery(context, { ...end, outcome, facts: { ...seen, ...facts } });
    const snapshot = context.meter.snapshot();
    expect(snapshot.histograms.detect?.minUs).toBe(detectUs);
    expect(Object.keys(snapshot.sides ?? {})).toEqual(silent ? [`detect:${outcome}`] : []);
  });
});

/** A context whose engine dials nothing. */
function bareContext(): SessionContext {
  const owner = { tick: () => undefined, ownerExpired: () => undefined };
  const events = new SessionTable({ connections: 0, owner, dialDue: () => undefined });
  const plan = sessionPlan({ family: 4, host: '127.0.0.1', port: 1 });
  return soleContext(plan, new NodeEngine({ slots: 1, outboxBytes: 64 }, events));
}
