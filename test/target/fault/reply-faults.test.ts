import { once } from 'node:events';

import { describe, expect, test, vi } from 'vitest';

import { faulty, frames, onlyTruth } from './stage.ts';

const FOUR = ['one', 'two', 'three', 'four'];

/** Sends four frames and FIN to a target with one fault, and returns what came back until its FIN. */
async function exchange(
  form: string,
  sent: Buffer = frames(...FOUR),
): Promise<{ received: Buffer; truth: Awaited<ReturnType<typeof onlyTruth>> }> {
  const target = await faulty(form);
  const peer = await target.connect();
  peer.socket.end(sent);
  expect(await peer.closed).toBeNull();
  return { received: peer.received, truth: await onlyTruth(target) };
}

describe('a fault that changes replies shows on the wire, and its truth counts it:', () => {
  const cases: [form: string, received: Buffer, counts: object][] = [
    ['never-reply', Buffer.alloc(0), { framesUnanswered: 4 }],
    ['corrupt', frames('ond', 'twn', 'thred', 'fous'), { framesCorrupted: 4 }],
    [
      'duplicate',
      frames('one', 'one', 'two', 'two', 'three', 'three', 'four', 'four'),
      { framesDuplicated: 4 },
    ],
    ['zero-length', frames('', '', '', ''), { framesEmptied: 4 }],
    ['reorder', frames('two', 'one', 'four', 'three'), { framesReordered: 2 }],
    ['coalesce:3', frames(...FOUR), { framesCoalesced: 4, writes: 2 }],
    [
      'oversize-length:2',
      Buffer.concat([frames('one', 'two'), Buffer.alloc(4, 0xff)]),
      { framesOversized: 1 },
    ],
  ];

  test.each(cases)('%s', async (form, received, counts) => {
    const exchanged = await exchange(form);
    expect(exchanged.received.toString('latin1')).toBe(received.toString('latin1'));
    expect(exchanged.truth).toMatchObject({ fault: form, connections: 1, counts });
  });

  test('corrupt leaves empty payloads alone and never makes up a delimiter', async () => {
    const target = await faulty('corrupt', { frame: 'delim:\\n' });
    const peer = await target.connect();
    // One bit away from the delimiter: flipping the lowest would end the frame early.
    peer.socket.end('\n\v\nab\n');
    await peer.closed;
    expect(peer.received.toString('latin1')).toBe('\n\t\nac\n');
    expect((await onlyTruth(target)).counts.framesCorrupted).toBe(2);
  });

  test.each(['corrupt:25%', 'duplicate:25%', 'zero-length:25%'])(
    '%s takes its share of the frames of all connections, give or take one',
    async (form) => {
      const target = await faulty(form);
      for (let connection = 0; connection < 3; connection++) {
        const peer = await target.connect();
        peer.socket.end(frames(...Array.from({ length: 33 }, () => 'x')));
        await peer.closed;
      }
      const [count = 0] = Object.values((await onlyTruth(target)).counts);
      expect(Math.abs(count - 99 / 4)).toBeLessThan(1);
    },
  );

  test('reorder lets a reply go that has no neighbour', async () => {
    const target = await faulty('reorder');
    const peer = await target.connect();
    peer.socket.write(frames('alone'));
    expect(await peer.receive(9)).toEqual(frames('alone'));
    expect((await onlyTruth(target)).counts.framesReordered).toBe(0);
  });

  test('coalesce sends nothing before the number is reached', async () => {
    const target = await faulty('coalesce:3');
    const peer = await target.connect();
    peer.socket.write(frames('one', 'two'));
    await vi.waitFor(() => expect(target.target.counters().frames.received).toBe(2), { interval: 1 });
    expect(target.target.counters().frames.sent).toBe(0);
    peer.socket.write(frames('three'));
    expect(await peer.receive(frames('one', 'two', 'three').length)).toEqual(frames('one', 'two', 'three'));
  });

  test.each([
    ['varint', Buffer.from('\x01a'), 'ffffffffffffff0f'],
    ['varint@1/4', Buffer.from('M\x01\0\0a'), '00ffff7f'],
    ['u16le@1/4', Buffer.from('M\x01\0.a'), '00ffff00'],
  ])('oversize-length announces the most that %s can tell', async (frame, sent, hex) => {
    const target = await faulty('oversize-length', { frame, maxPayloadBytes: 1000 });
    const peer = await target.connect();
    peer.socket.end(sent);
    await peer.closed;
    expect(peer.received.toString('hex')).toBe(hex);
  });
});

describe('a fault that ends connections inside a frame', () => {
  test('sends FRAMES whole replies, half of the next one and FIN', async () => {
    const target = await faulty('fin-mid-frame:2');
    const peer = await target.connect();
    peer.socket.write(frames(...FOUR));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(Buffer.concat([frames('one', 'two'), frames('three').subarray(0, 4)]));
    const { counts, endings } = await onlyTruth(target);
    expect(counts).toMatchObject({ fins: 1, resets: 0, sentBytes: 18 });
    expect(endings).toEqual([{ connection: 0, how: 'fin', readBytes: 31, unreadBytes: null, sentBytes: 18 }]);
  });

  test('or RST, after the kernel has taken the half', async () => {
    const target = await faulty('reset-mid-frame:1');
    const peer = await target.connect();
    peer.socket.write(frames(...FOUR));
    expect(await peer.closed).toBe('ECONNRESET');
    expect(peer.received).toEqual(Buffer.concat([frames('one'), frames('two').subarray(0, 3)]));
    const { counts, endings } = await onlyTruth(target);
    expect(counts).toMatchObject({ fins: 0, resets: 1, sentBytes: 10 });
    expect(endings[0]).toMatchObject({ how: 'reset', sentBytes: 10 });
  });

  test('sends a frame of one byte whole and cuts the next', async () => {
    const target = await faulty('fin-mid-frame', { frame: 'u8' });
    const peer = await target.connect();
    peer.socket.write('\0\x01a');
    await peer.closed;
    expect(peer.received.toString('latin1')).toBe('\0\x01');
  });

  test('and close-at-accept sends FIN before anything else, and throws away what comes', async () => {
    const target = await faulty('close-at-accept');
    const peer = await target.connect();
    peer.socket.write(frames(...FOUR));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toHaveLength(0);
    const { counts } = await onlyTruth(target);
    expect(counts).toMatchObject({ fins: 1, resets: 0, sentBytes: 0 });
  });
});

describe('a fault that holds replies', () => {
  test.each([
    ['delay:20ms', 20, 20],
    ['delay:uniform:10ms..30ms', 10, 30],
  ])('%s lets none go early, keeps their order and books how long they waited', async (form, min, max) => {
    const target = await faulty(form);
    const peer = await target.connect();
    const startMs = performance.now();
    peer.socket.end(frames(...FOUR));
    await peer.receive(7);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(min);
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(frames(...FOUR));
    const { counts } = await onlyTruth(target);
    expect(counts.framesDelayed).toBe(4);
    expect(counts.delayMsTotal).toBeGreaterThanOrEqual(4 * min);
    expect(counts.delayMsMax).toBeGreaterThanOrEqual(min);
    // Generous, for a machine that does something else meanwhile.
    expect(counts.delayMsMax).toBeLessThan(max + 200);
  });

  test('delay:exponential holds each for a time of its own', async () => {
    const { received, truth } = await exchange('delay:exponential:5ms');
    expect(received).toEqual(frames(...FOUR));
    expect(truth.counts.framesDelayed).toBe(4);
  });

  test('delay-grows holds them for longer as the target gets older', async () => {
    const target = await faulty('delay-grows:500ms/s');
    const peer = await target.connect();
    const delays: number[] = [];
    for (let frame = 0; frame < 5; frame++) {
      const startMs = performance.now();
      peer.socket.write(frames('x'));
      await peer.receive(5 * (frame + 1));
      delays.push(performance.now() - startMs);
    }
    // Each frame waits for half of the time that has gone, so that the time grows by half a frame.
    expect(delays[4]).toBeGreaterThan(delays[0] ?? Infinity);
    expect((await onlyTruth(target)).counts.framesDelayed).toBeGreaterThanOrEqual(4);
  });

  test('capacity answers the frames of all connections one after the other', async () => {
    const target = await faulty('capacity:100/s');
    const [first, second] = [await target.connect(), await target.connect()];
    const startMs = performance.now();
    first.socket.end(frames(...FOUR));
    second.socket.end(frames(...FOUR));
    await Promise.all([first.closed, second.closed]);
    // Eight frames: the first at once, the others 10 ms apart.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(69);
    expect(first.received).toEqual(frames(...FOUR));
    expect((await onlyTruth(target)).counts).toMatchObject({ framesDelayed: 7 });
  });

  test('dribble sends every byte by itself', async () => {
    const target = await faulty('dribble:2ms');
    const peer = await target.connect();
    const startMs = performance.now();
    peer.socket.end(frames('one', 'two'));
    expect(await peer.closed).toBeNull();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(13 * 2);
    expect(peer.received).toEqual(frames('one', 'two'));
    const { frames: counted, faults } = await target.truth();
    expect(faults[0]?.counts).toEqual({ bytesDribbled: 14 });
    expect(counted.sent).toBe(2);
  });

  test('holds no more than a limit, and loses nothing beyond it', async () => {
    const target = await faulty('delay:50ms', { maxPayloadBytes: 2_000_000 });
    const peer = await target.connect();
    const stream = frames(...Array.from({ length: 12 }, (_, i) => String(i % 10).repeat(1_000_000)));
    peer.socket.end(stream);
    expect(await peer.closed).toBeNull();
    expect(peer.received.equals(stream)).toBe(true);
    expect((await onlyTruth(target)).counts.framesDelayed).toBe(12);
  });

  test('answers to the last when the client ends its side, also of a byte stream', async () => {
    const target = await faulty(['delay:5ms', 'dribble:1ms'], { frame: 'none' });
    const peer = await target.connect();
    peer.socket.end('no frames');
    expect(await peer.closed).toBeNull();
    expect(peer.received.toString()).toBe('no frames');
  });
});

describe('push', () => {
  test.each([
    ['u32be', '\0\0\0\x08uuuuuuuu'],
    ['delim:\\n', '01234567\n'],
    ['fixed:3', 'uuu'],
  ])('sends %s frames that nobody asked for, at its rate', async (frame, pushed) => {
    const target = await faulty('push:100/s', { frame, mode: 'sink' });
    // The target counts from its accept, which may be long over when this process runs again.
    const startMs = performance.now();
    const peer = await target.connect();
    await peer.receive(3 * pushed.length);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
    peer.socket.end();
    await peer.closed;
    const { counts } = await onlyTruth(target);
    expect(peer.received.toString('latin1')).toBe(pushed.repeat(counts.framesPushed ?? 0));
  });

  test('writes the time at which each frame left into its payload, where it is asked to', async () => {
    const target = await faulty('push:100/s,stamp', { frame: 'u16be', mode: 'sink' });
    const beforeUs = Number(process.hrtime.bigint() / 1000n);
    const peer = await target.connect();
    await peer.receive(30);
    const afterUs = Number(process.hrtime.bigint() / 1000n);
    const times = [2, 12, 22].map((at) => Number(peer.received.readBigUInt64BE(at)));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(times[0]).toBeGreaterThanOrEqual(beforeUs);
    expect(times[2]).toBeLessThanOrEqual(afterUs);
  });

  test('keeps replies whole', async () => {
    const target = await faulty('push:1k/s');
    const peer = await target.connect();
    peer.socket.write(frames('reply').subarray(0, 6));
    await peer.receive(24);
    peer.socket.write(frames('reply').subarray(6));
    await vi.waitFor(() => expect(peer.received.includes(frames('reply'))).toBe(true), { interval: 1 });
    expect((peer.received.length - 9) % 12).toBe(0);
  });
});

test('a refused frame is still refused behind a fault, after the replies before it', async () => {
  const target = await faulty('delay:10ms', { maxPayloadBytes: 5 });
  const peer = await target.connect();
  peer.socket.write(frames('short', 'too long'));
  expect(await peer.closed).toBeNull();
  expect(peer.received).toEqual(frames('short'));
  expect((await target.truth()).frames).toEqual({ received: 1, sent: 1, oversize: 1, malformed: 0 });
});

test('a client that leaves takes its held replies with it', async () => {
  const target = await faulty(['delay:1h', 'push:1/s', 'reorder', 'coalesce:3', 'dribble:1s']);
  const peer = await target.connect();
  peer.socket.write(frames(...FOUR));
  await vi.waitFor(() => expect(target.target.counters().frames.received).toBe(4), { interval: 1 });
  peer.socket.resetAndDestroy();
  await once(peer.socket, 'close');
  await vi.waitFor(() => expect(target.target.counters().connections.openAtEnd).toBe(0), { interval: 1 });
  expect(target.target.counters().frames.sent).toBe(0);
});
