import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import { NOTHING_SEEN, type ClosingFacts, type Engine } from '../../src/engine/engine.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { fixedSize, parsePayloadSize } from '../../src/framing/payload-size.ts';
import { COUNTER, type UnsentCause } from '../../src/measure/counters.ts';
import type { Meter } from '../../src/measure/meter.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { Session } from '../../src/session/session.ts';
import { frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { soleContext } from '../support/session-context.ts';
import { holdLoop, runSessions, runShard, sessionPlan, shardPlan } from '../support/shard-run.ts';

/** Answers frames in batches of `size`, and remembers how many were ever owed. */
function batches(size: number): { peer: Behaviour; mostOwed: () => number } {
  let most = 0;
  const peer: Behaviour = (socket) => {
    const owed: Buffer[] = [];
    onFrames(socket, (payload) => {
      owed.push(frameOf(payload));
      most = Math.max(most, owed.length);
      if (owed.length < size) return;
      // A client that sends more than its window does so before this fires.
      setTimeout(() => socket.write(Buffer.concat(owed.splice(0))), 10);
    });
  };
  return { peer, mostOwed: () => most };
}

/** Reads in fits and starts, so that the client's writes stall again and again, and echoes whole frames. */
function haltingEcho(socket: Socket): void {
  let untilPause = 0;
  socket.on('data', (chunk: Buffer) => {
    untilPause -= chunk.length;
    if (untilPause > 0) return;
    untilPause = 3_000_000;
    socket.pause();
    setTimeout(() => socket.resume(), 5);
  });
  onFrames(socket, (payload) => socket.write(frameOf(payload)));
}

describe('FrameWriter', () => {
  test('keeps as many frames in flight as the window allows, and never more', async () => {
    const { peer, mostOwed } = batches(5);
    const run = await runSessions(await serve(peer), {
      load: { model: 'closed', window: 5, thinkUs: 0 },
      durationUs: 250_000,
    });
    expect(mostOwed()).toBe(5);
    expect(run.count('framesMatched')).toBeGreaterThan(5);
  });

  test('waits the think time between a reply and the next frame', async () => {
    const gapsMs: number[] = [];
    let repliedAtMs = -Infinity;
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        gapsMs.push(performance.now() - repliedAtMs);
        repliedAtMs = performance.now();
        socket.write(frameOf(payload));
      });
    };
    await runSessions(await serve(peer), {
      load: { model: 'closed', window: 1, thinkUs: 40_000 },
      durationUs: 300_000,
    });
    expect(gapsMs.length).toBeGreaterThan(2);
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(40);
  });

  test('never interleaves frames, however the connection stalls', async () => {
    const run = await runSessions(await serve(haltingEcho), {
      payload: { size: parsePayloadSize('uniform:16B..1MiB'), message: null, stamp: true },
      frame: { format: parseFrameFormat('u32be'), header: null, maxBytes: 1_048_576 },
      load: { model: 'closed', window: 16, thinkUs: 0 },
      connections: 2,
      durationUs: 500_000,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 2 });
    expect(run.count('writeStalls')).toBeGreaterThan(0);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('framesMatched')).toBeGreaterThan(16);
    expect(run.times('writeStall')).toBe(run.count('writeStalls'));
    expect(run.partialWrites).toEqual([]);
  });

  test('draws the sizes of a connection from the seed and its number alone', async () => {
    const sizesOf = async (seed: number): Promise<number[]> => {
      const sizes: number[] = [];
      const peer: Behaviour = (socket) => {
        onFrames(socket, (payload) => {
          sizes.push(payload.length);
          if (sizes.length < 20) socket.write(frameOf(payload));
          else socket.end();
        });
      };
      const size = parsePayloadSize('uniform:16B..4KiB');
      await runSessions(await serve(peer), { payload: { size, message: null, stamp: true }, seed });
      return sizes;
    };
    const first = await sizesOf(7);
    expect(await sizesOf(7)).toEqual(first);
    expect(await sizesOf(8)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(5);
  });

  test('sends the message in every frame, and leaves content alone that is not verified', async () => {
    const seen = new Set<string>();
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        seen.add(payload.toString('latin1'));
        socket.write(frameOf(Buffer.from('an answer of its own')));
      });
    };
    const run = await runSessions(await serve(peer), {
      payload: { size: null, message: Buffer.from('ping'), stamp: false },
      match: { mode: 'fifo', verifyEcho: false },
      durationUs: 250_000,
    });
    expect([...seen]).toEqual(['ping']);
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
  });

  test('counts one-way frames as sent, and what comes back as received one-way', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => socket.write(frameOf(payload)));
    };
    const run = await runSessions(await serve(peer), {
      match: { mode: 'none', verifyEcho: false },
      load: { model: 'closed', window: 1, thinkUs: 5000 },
      durationUs: 250_000,
    });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesOneWay')).toBe(run.count('framesSent'));
    expect(run.count('framesReceivedOneWay')).toBe(run.count('framesReceived'));
    expect(run.count('framesReceived')).toBeGreaterThan(0);
    expect(run.count('framesMatched')).toBe(0);
  });
});

describe('FrameWriter in the open model', () => {
  const silent: Behaviour = (socket) => socket.resume();

  test('sends at the planned rate whether replies come or not', async () => {
    const load = { model: 'open', totalRatePerSecond: 500, window: null } as const;
    const run = await runSessions(await serve(silent), { load, durationUs: 300_000 }, { drainUs: 0 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(150);
    expect(run.count('framesSent')).toBeGreaterThan(100);
    expect(run.count('framesInFlightAtEnd')).toBe(run.count('framesSent'));
    expect(run.times('sendLag')).toBe(run.count('framesSent'));
  });

  const open = { model: 'open', totalRatePerSecond: 1000, window: null } as const;
  const late: Behaviour = (socket) => {
    setTimeout(() => socket.write('READY'), 100);
    socket.resume();
  };
  const closingOne = (): Behaviour => {
    let accepted = 0;
    return (socket) => (accepted++ === 0 ? socket.end() : socket.resume());
  };
  const READY = { send: null, expect: Buffer.from('READY'), timeoutUs: 5e6 };
  test.each<
    [why: string, peer: Behaviour, plan: Partial<SessionPlan>, sentAtMost: number, cause: UnsentCause]
  >([
    ['the window is full', silent, { load: { ...open, window: 3 } }, 6, 'backpressure'],
    [
      'the target does not read',
      (socket) => socket.pause(),
      { payload: { size: parsePayloadSize('512KiB'), message: null, stamp: true } },
      200,
      'backpressure',
    ],
    ['a preface never comes', silent, { preface: READY }, 0, 'connecting'],
    ['a connection has ended', closingOne(), {}, 290, 'ended'],
    ['a lifetime is over', silent, { lifetime: { kind: 'time', us: 100_000 } }, 250, 'ended'],
  ])(
    'counts each planned frame as sent, or as unsent and why, when %s',
    async (_, peer, plan, sentAtMost, cause) => {
      const address = await serve(peer);
      const overrides = { load: open, connections: 2, durationUs: 300_000, ...plan };
      const run = await runSessions(address, overrides, { drainUs: 0 });
      expect(run.count('framesSent')).toBeLessThanOrEqual(sentAtMost);
      expect(run.count('framesSent') + run.count('framesUnsent')).toBe(300);
      // The few that were due before their connection was up are in every run.
      const early = cause === 'connecting' ? 0 : run.count('unsent:connecting');
      expect(early).toBeLessThan(60);
      expect(run.count(`unsent:${cause}`)).toBe(run.count('framesUnsent') - early);
    },
  );

  test('sends what was due while its connection came up as soon as it is, and takes none of that wait for its own', async () => {
    const overrides = { load: open, connections: 2, durationUs: 300_000, preface: READY };
    const run = await runSessions(await serve(late), overrides, { drainUs: 0 });
    expect(run.count('framesSent')).toBeGreaterThan(250);
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(300);
    expect(run.count('unsent:connecting')).toBe(0);
    const sendLag = run.histograms.get('sendLag');
    expect(sendLag?.percentileUs(50)).toBeLessThan(90_000);
  });

  test('counts what a late loop could not send any more as unsent by the generator', async () => {
    const overrides = {
      load: { ...open, totalRatePerSecond: 20_000 },
      match: { mode: 'none', verifyEcho: false },
      durationUs: 600_000,
    } as const;
    const plan = shardPlan(sessionPlan(await serve(silent), overrides), { drainUs: 0 });
    const run = await runShard(plan, () => setTimeout(() => holdLoop(600), 100));
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(12_000);
    expect(run.count('unsent:generator')).toBeGreaterThan(1000);
  });

  test('ramps: sends as many frames as the area under the rate', async () => {
    const stages = [
      { durationUs: 200_000, ratePerSecond: 1000 },
      { durationUs: 0, ratePerSecond: 0 },
    ];
    const load = { ...open, totalRatePerSecond: 0, stages };
    const run = await runSessions(
      await serve(silent),
      { load, durationUs: 300_000, connections: 3 },
      { drainUs: 0 },
    );
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(100);
    expect(run.count('framesSent')).toBeGreaterThan(80);
  });

  test('leaves together what is due together where the plan says so', async () => {
    const arrivedMs: number[] = [];
    const peer: Behaviour = (socket) => onFrames(socket, () => void arrivedMs.push(performance.now()));
    const run = await runSessions(
      await serve(peer),
      { load: open, paceGridUs: 100_000, durationUs: 350_000 },
      { drainUs: 100_000 },
    );
    expect(run.count('framesSent')).toBeGreaterThan(200);
    // Without a grid a thousand frames a second leave one by one; with it they come in at most five heaps.
    const gaps = arrivedMs.slice(1).filter((atMs, index) => atMs - (arrivedMs[index] ?? 0) > 30);
    expect(gaps.length).toBeLessThanOrEqual(4);
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    const lag = run.histograms.get('sendLag');
    expect(lag?.maxUs ?? 0).toBeGreaterThan(90_000);
  });

  test('sends no frame that is due behind the end of the plan, however late the loop is', async () => {
    const address = await serve(silent);
    const load = { model: 'open', totalRatePerSecond: 100, window: null } as const;
    const plan = shardPlan(sessionPlan(address, { load, durationUs: 100_000 }), { drainUs: 0 });
    const run = await runShard(plan, () => setTimeout(() => holdLoop(200), 50));
    expect(run.count('framesSent')).toBeLessThanOrEqual(10);
    expect(run.count('framesSent') + run.count('framesUnsent')).toBe(10);
  });

  test('measures the response from the intended start, and the service from the send', async () => {
    // The window makes each frame wait for the reply to the one before, which takes 30 ms.
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), 30));
    };
    const run = await runSessions(await serve(peer), {
      load: { model: 'open', totalRatePerSecond: 100, window: 1 },
      durationUs: 300_000,
    });
    const response = run.histograms.get('response');
    const service = run.histograms.get('service');
    expect(service?.minUs).toBeGreaterThanOrEqual(29_000);
    expect(run.times('response')).toBe(run.count('framesMatched'));
    // By then frames are late by at least 20 ms for every one that was answered before.
    expect(response?.maxUs ?? 0).toBeGreaterThan((service?.minUs ?? 0) + 60_000);
  });

  test('counts one-way frames of the warm-up, so that the throughput can leave them out', async () => {
    const run = await runSessions(await serve(silent), {
      load: open,
      match: { mode: 'none', verifyEcho: false },
      warmupUs: 100_000,
      durationUs: 300_000,
    });
    expect(run.count('framesOneWay')).toBeGreaterThan(200);
    // Frames 0 to 99 are due in the warm-up; some of the first are due before the connection is up.
    expect(run.count('framesOneWayInWarmup')).toBe(100 - run.count('unsent:connecting'));
  });

  test('leaves frames out of the results whose intended start lies in the warm-up', async () => {
    const peer: Behaviour = (socket) => {
      // Every reply comes after the warm-up, which must not make a result of a frame that was due in it.
      onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), 150));
    };
    const run = await runSessions(await serve(peer), {
      load: { model: 'open', totalRatePerSecond: 100, window: null },
      warmupUs: 100_000,
      durationUs: 300_000,
    });
    expect(run.count('framesMatchedInWarmup')).toBeGreaterThan(0);
    expect(run.count('framesMatchedInWarmup')).toBeLessThanOrEqual(10);
    const measured = run.count('framesMatched') - run.count('framesMatchedInWarmup');
    expect(measured).toBeGreaterThan(0);
    expect(run.times('response')).toBe(measured);
    expect(run.times('service')).toBe(measured);
    expect(run.times('sendLag')).toBe(measured);
  });
});

describe('FrameWriter whose sends are put off', () => {
  const PAYLOAD_BYTES = 64;
  const FRAME_BYTES = PAYLOAD_BYTES + 4;

  /** A session that is open, with its first frame put off, on an engine that takes every send for put off. */
  function opened(): { session: Session; meter: Meter; deadlines: string[] } {
    const deadlines: string[] = [];
    const ignore = (): void => {};
    const engine: Partial<Engine> = {
      outbox: Buffer.alloc(4096),
      outboxStart: 0,
      outboxBytes: 4096,
      nowUs: () => 1000,
      dial: ignore,
      clearDeadline: ignore,
      setDeadline: (_slot, timer) => void deadlines.push(timer),
      send: () => false,
      sendTogether: () => true,
    };
    const plan = sessionPlan(
      { family: 4, host: '127.0.0.1', port: 1 },
      { payload: { size: fixedSize(PAYLOAD_BYTES), message: null, stamp: true } },
    );
    const context = soleContext(plan, engine as Engine);
    const session = new Session(context, { slot: 0, connection: 0, life: 0 });
    session.dial();
    session.dialed(1000, { synRetransmits: 0 });
    return { session, meter: context.meter, deadlines };
  }

  const BROKEN = { errno: 'EPIPE', errnoNumber: 32, syscall: 'send' };
  const facts = (bytesAccepted: number, bytesUnsent: number): ClosingFacts => ({
    ...NOTHING_SEEN,
    bytesAccepted,
    bytesUnsent,
    exact: true,
  });

  test('takes them for sent until it is told of a stall, and then watches it and times it', () => {
    const { session, meter, deadlines } = opened();
    expect(meter.counters[COUNTER.framesSent]).toBe(1);
    expect(meter.counters[COUNTER.writeStalls]).toBe(0);
    session.stalled(2000, FRAME_BYTES);
    expect(meter.counters[COUNTER.writeStalls]).toBe(1);
    expect(deadlines).toContain('write');
    session.writable(5000);
    expect(meter.recorder('writeStall').take()?.minUs).toBe(3000);
  });

  test('holds what the kernel took of a frame that was cut', () => {
    const { session, meter } = opened();
    session.stalled(2000, FRAME_BYTES);
    session.closed(3000, BROKEN, facts(20, FRAME_BYTES - 20));
    expect(meter.partialWrites.rows()).toMatchObject([
      { cause: 'broken-pipe', count: 1, bytesAccepted: 20, bytesUnsent: FRAME_BYTES - 20 },
    ]);
    expect(meter.counters[COUNTER.framesSent]).toBe(1);
    expect(meter.counters[COUNTER.bytesSent]).toBe(20);
  });

  test('takes a frame back that the kernel took nothing of', () => {
    const { session, meter } = opened();
    session.stalled(2000, FRAME_BYTES);
    session.closed(3000, BROKEN, facts(0, FRAME_BYTES));
    expect(meter.partialWrites.rows()).toEqual([]);
    expect(meter.counters[COUNTER.framesSent]).toBe(0);
    expect(meter.counters[COUNTER.framesLost]).toBe(0);
    expect(meter.counters[COUNTER.bytesSent]).toBe(0);
  });
});
