import { describe, expect, test, vi } from 'vitest';

import { accepted, faulty, frames, onlyTruth, type FaultyTarget } from './stage.ts';

/** Waits until the target has read so many bytes. */
async function read({ target }: FaultyTarget, bytes: number): Promise<void> {
  await vi.waitFor(() => expect(target.counters().bytes.received).toBeGreaterThanOrEqual(bytes), {
    interval: 1,
    timeout: 10_000,
  });
}

describe('reset-after', () => {
  test('sends RST when exactly so many bytes were read, and counts those left in the kernel', async () => {
    const target = await faulty('reset-after:10kB', { mode: 'sink' });
    const peer = await target.connect();
    peer.socket.write(Buffer.alloc(20_000));
    expect(await peer.closed).toBe('ECONNRESET');
    const { counts, endings } = await onlyTruth(target);
    expect(counts).toEqual({ fins: 0, resets: 1, readBytes: 10_000, unreadBytes: 10_000, sentBytes: 0 });
    expect(endings).toEqual([
      { connection: 0, how: 'reset', readBytes: 10_000, unreadBytes: 10_000, sentBytes: 0 },
    ]);
    expect(target.target.counters().bytes.received).toBe(10_000);
  });

  test('counts over many reads, also those that are longer than a buffer', async () => {
    const target = await faulty('reset-after:200001B', { mode: 'sink', maxPayloadBytes: 1e6 });
    const peer = await target.connect();
    const chunk = frames('x'.repeat(996));
    for (let i = 0; i < 300; i++) peer.socket.write(chunk);
    expect(await peer.closed).toMatch(/ECONNRESET|EPIPE/);
    const { counts } = await onlyTruth(target);
    expect(counts.readBytes).toBe(200_001);
    expect(200_001 + (counts.unreadBytes ?? 0)).toBeLessThanOrEqual(300_000);
  });

  test('leaves a connection alone that ends before, with its replies', async () => {
    const target = await faulty('reset-after:10kB');
    const peer = await target.connect();
    peer.socket.end(frames('ping'));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(frames('ping'));
    expect(await onlyTruth(target)).toMatchObject({ connections: 1, counts: { resets: 0 }, endings: [] });
  });
});

describe('stop-reading', () => {
  test('reads exactly so many bytes, answers their frames, and counts at the end what came after them', async () => {
    const target = await faulty('stop-reading:100B');
    const peer = await target.connect();
    peer.socket.write(frames('x'.repeat(96)));
    expect(await peer.receive(100)).toEqual(frames('x'.repeat(96)));
    await new Promise<void>((taken) => peer.socket.write(Buffer.alloc(5000), () => taken()));
    const { counts, endings } = await onlyTruth(target);
    expect(counts).toEqual({ stopped: 1, readBytes: 100, unreadBytes: 5000, sentBytes: 100 });
    expect(endings[0]).toMatchObject({ how: 'stopped', readBytes: 100, unreadBytes: 5000 });
  });

  test('reads nothing at all where it begins with the first byte', async () => {
    const target = await faulty('stop-reading:0B');
    const peer = await target.connect();
    await accepted(target.target, 1);
    await new Promise<void>((taken) => peer.socket.write(frames('ping'), () => taken()));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(target.target.counters().bytes.received).toBe(0);
    expect((await onlyTruth(target)).counts).toMatchObject({ stopped: 1, readBytes: 0, unreadBytes: 8 });
  });
});

describe('read-slowly', () => {
  test('reads at its rate and answers everything', async () => {
    const target = await faulty('read-slowly:100kB/s');
    const peer = await target.connect();
    const startMs = performance.now();
    const stream = frames('x'.repeat(20_000));
    peer.socket.end(stream);
    await read(target, 10_000);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(85);
    expect(await peer.closed).toBeNull();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(185);
    expect(peer.received.equals(stream)).toBe(true);
    expect((await onlyTruth(target)).counts).toEqual({ readBytes: 20_004 });
  });

  test('and reset-after keep both limits on one connection', async () => {
    const target = await faulty(['read-slowly:100kB/s', 'reset-after:5001B'], { mode: 'sink' });
    const peer = await target.connect();
    const startMs = performance.now();
    peer.socket.write(Buffer.alloc(9000));
    expect(await peer.closed).toBe('ECONNRESET');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(35);
    expect((await target.truth()).faults[1]?.counts).toMatchObject({ readBytes: 5001, unreadBytes: 3999 });
  });
});
