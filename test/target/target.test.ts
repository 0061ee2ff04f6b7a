import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { startTarget, type Target, type TargetOptions } from '../../src/target/target.ts';
import { connectOptions, connectPeer, Peer } from '../support/peer.ts';
import { tlsText } from '../support/tls-fixtures.ts';

const started: Target[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((target) => target.close()));
});

async function start(options: TargetOptions = {}): Promise<Target> {
  const target = await startTarget(options);
  started.push(target);
  return target;
}

/** Waits until the target has seen the end of every connection. */
async function settled(target: Target): Promise<ReturnType<Target['counters']>> {
  await vi.waitFor(() => expect(target.counters().connections.openAtEnd).toBe(0), { interval: 2 });
  const counters = target.counters();
  const { accepted, closed, reset, tlsFailed } = counters.connections;
  expect(closed + reset + tlsFailed).toBe(accepted);
  return counters;
}

function u32Frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

describe('startTarget echoes every frame form byte for byte and counts its frames', () => {
  const cases: [spec: string, stream: string, frames: number][] = [
    ['u8', '\x03abc\x00\x01z', 3],
    ['u16be', '\x00\x03abc\x00\x01z', 2],
    ['u16le', '\x03\x00abc\x01\x00z', 2],
    ['u32be', '\x00\x00\x00\x03abc\x00\x00\x00\x00', 2],
    ['u32le', '\x03\x00\x00\x00abc', 1],
    ['u64be', '\x00\x00\x00\x00\x00\x00\x00\x03abc', 1],
    ['u64le', '\x03\x00\x00\x00\x00\x00\x00\x00abc', 1],
    ['varint', `\x03abc\x80\x01${'v'.repeat(128)}`, 2],
    ['u16be+header', '\x00\x05abc\x00\x02', 2],
    ['u16be@2/6', 'MM\x00\x03..abcMM\x00\x01..z', 2],
    ['delim:\\r\\n', 'one\r\n\r\nth\rree\r\n', 3],
    ['fixed:4', 'abcdefgh', 2],
    ['none', 'no frames in here', 0],
  ];

  test.each(cases)('%s', async (spec, text, frames) => {
    const target = await start({ format: parseFrameFormat(spec) });
    const stream = Buffer.from(text, 'latin1');
    const peer = await connectPeer(target.address);
    // The first byte travels alone, so that the target meets a frame in pieces.
    peer.socket.write(stream.subarray(0, 1));
    await peer.receive(1);
    peer.socket.end(stream.subarray(1));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(stream);
    const counters = await settled(target);
    expect(counters.frames).toEqual({ received: frames, sent: frames, oversize: 0, malformed: 0 });
    expect(counters.bytes).toEqual({ received: stream.length, sent: stream.length });
  });
});

describe('startTarget ends connections', () => {
  test('with FIN, after every reply, when the client has sent FIN', async () => {
    const target = await start();
    const stream = Buffer.concat(Array.from({ length: 2000 }, (_, i) => u32Frame(Buffer.alloc(1000, i))));
    const peer = await connectPeer(target.address);
    peer.socket.end(stream);
    expect(await peer.closed).toBeNull();
    expect(peer.received.equals(stream)).toBe(true);
    const { connections, frames } = await settled(target);
    expect(connections).toMatchObject({ accepted: 1, closed: 1, reset: 0, peak: 1 });
    expect(frames.sent).toBe(2000);
  });

  test('and counts the RST of a client apart', async () => {
    const target = await start();
    const [orderly, rude] = [await connectPeer(target.address), await connectPeer(target.address)];
    rude.socket.write(u32Frame(Buffer.from('hello')));
    await rude.receive(9);
    rude.socket.resetAndDestroy();
    orderly.socket.end();
    const { connections } = await settled(target);
    expect(connections).toMatchObject({ accepted: 2, closed: 1, reset: 1, peak: 2 });
  });

  test('that sent a frame beyond the maximum, with FIN after the replies before it', async () => {
    const target = await start({ maxPayloadBytes: 10 });
    const peer = await connectPeer(target.address);
    const sound = u32Frame(Buffer.from('short'));
    peer.socket.write(Buffer.concat([sound, u32Frame(Buffer.from('hello world'))]));
    // The client goes on sending: what comes after the refusal is thrown away and must not turn FIN into RST.
    peer.socket.write(Buffer.alloc(500_000));
    expect(await peer.closed).toBeNull();
    expect(peer.received.subarray(0, sound.length)).toEqual(sound);
    const counters = await settled(target);
    expect(counters.frames).toEqual({ received: 1, sent: 1, oversize: 1, malformed: 0 });
    expect(counters.bytes.sent).toBeLessThan(100_000);
  });

  test('that sent an impossible length', async () => {
    const target = await start({ format: parseFrameFormat('u16be+header') });
    const peer = await connectPeer(target.address);
    peer.socket.write(Buffer.from([0, 1]));
    expect(await peer.closed).toBeNull();
    expect((await settled(target)).frames).toEqual({ received: 0, sent: 0, oversize: 0, malformed: 1 });
  });

  test('that were refused even when the client never closes its side', async () => {
    const target = await start({ format: parseFrameFormat('u16be+header') });
    const peer = await connectPeer(target.address, true);
    peer.socket.write(Buffer.from([0, 1]));
    await vi.waitFor(() => expect(target.counters().connections.closed).toBe(1), { timeout: 5000 });
    peer.socket.destroy();
  });

  test('that are still open when it is closed, and reports how many', async () => {
    const target = await startTarget();
    const peers = [await connectPeer(target.address), await connectPeer(target.address)];
    await vi.waitFor(() => expect(target.counters().connections.accepted).toBe(2));
    const { connections } = await target.close();
    expect(connections).toMatchObject({ accepted: 2, openAtEnd: 2, closed: 0, reset: 0 });
    await Promise.all(peers.map((peer) => peer.closed));
    await expect(connectPeer(target.address)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('startTarget exchanges prefaces', () => {
  const preface = Buffer.from('HELLO\n');

  test('sends its own before the client says anything', async () => {
    const target = await start({ sendPreface: preface });
    const peer = await connectPeer(target.address);
    expect(await peer.receive(preface.length)).toEqual(preface);
    expect(target.counters().prefaces.sent).toBe(1);
  });

  test.each([
    ['in one piece, with the first frame behind it', [Buffer.concat([preface, u32Frame(preface)])]],
    ['cut into bytes', [...preface, ...u32Frame(preface)].map((byte) => Buffer.of(byte))],
  ])('takes the expected one %s and does not echo it', async (_, pieces) => {
    const target = await start({ expectPreface: preface });
    const peer = await connectPeer(target.address);
    let sentBytes = 0;
    for (const piece of pieces) {
      peer.socket.write(piece);
      sentBytes += piece.length;
      await vi.waitFor(() => expect(target.counters().bytes.received).toBe(sentBytes), { interval: 1 });
    }
    peer.socket.end();
    await peer.closed;
    expect(peer.received).toEqual(u32Frame(preface));
    const counters = await settled(target);
    expect(counters.prefaces).toEqual({ sent: 0, matched: 1, mismatched: 0 });
    expect(counters.frames.received).toBe(1);
  });

  test('closes a connection whose preface differs in its last byte, without any reply', async () => {
    const target = await start({ expectPreface: preface });
    const peer = await connectPeer(target.address);
    peer.socket.write('HELLO!');
    expect(await peer.closed).toBeNull();
    expect(peer.received).toHaveLength(0);
    expect((await settled(target)).prefaces).toEqual({ sent: 0, matched: 0, mismatched: 1 });
  });
});

test('startTarget lets connections in while others keep it busy, and answers all of them', async () => {
  const target = await start();
  const frame = u32Frame(Buffer.from('ping'));
  const dials = 400;
  let framesWhenAllWereIn = Infinity;
  const exchange = async (): Promise<void> => {
    const peer = await connectPeer(target.address);
    let rounds = 0;
    while (framesWhenAllWereIn === Infinity || rounds === 0) {
      peer.socket.write(frame);
      await peer.receive(++rounds * frame.length);
      const { connections, frames } = target.counters();
      if (connections.accepted === dials)
        framesWhenAllWereIn = Math.min(framesWhenAllWereIn, frames.received);
    }
    peer.socket.end();
    expect(await peer.closed).toBeNull();
  };
  await Promise.all(Array.from({ length: dials }, exchange));
  const { connections, frames } = await settled(target);
  expect(connections).toMatchObject({ accepted: dials, closed: dials, reset: 0 });
  expect(frames.sent).toBe(frames.received);
  // One accepted connection a turn of the loop, each turn serving all that are open, would make it about dials^2 / 4.
  expect(framesWhenAllWereIn).toBeLessThan((dials * dials) / 8);
});

test('startTarget as a sink counts frames and never answers', async () => {
  const target = await start({ mode: 'sink' });
  const peer = await connectPeer(target.address);
  peer.socket.end(Buffer.concat([u32Frame(Buffer.alloc(100)), u32Frame(Buffer.alloc(0))]));
  expect(await peer.closed).toBeNull();
  expect(peer.received).toHaveLength(0);
  const counters = await settled(target);
  expect(counters.frames).toMatchObject({ received: 2, sent: 0 });
  expect(counters.bytes).toEqual({ received: 108, sent: 0 });
});

test('startTarget stops reading from a client that does not read, and loses nothing', async () => {
  const stream = u32Frame(Buffer.alloc(64 * 1024 * 1024, 'tidemark'));
  const target = await start({ maxPayloadBytes: stream.length });
  const peer = await connectPeer(target.address);
  peer.socket.pause();
  const heldBefore = process.memoryUsage().arrayBuffers;
  peer.socket.end(stream);
  await vi.waitFor(() => expect(target.counters().writes.stalled).toBeGreaterThan(0), { timeout: 10_000 });
  for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate);
  expect(target.counters().bytes.received).toBeLessThan(stream.length);
  expect(process.memoryUsage().arrayBuffers - heldBefore).toBeLessThan(8 * 1024 * 1024);
  peer.socket.resume();
  expect(await peer.closed).toBeNull();
  expect(sha256(peer.received)).toBe(sha256(stream));
  expect((await settled(target)).frames).toMatchObject({ received: 1, sent: 1 });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('startTarget listens', () => {
  test('on IPv6', async () => {
    const target = await start({ listen: { host: '::1', port: 0 } });
    expect(target.address).toMatch(/^\[::1\]:\d+$/);
    expect(target.loopback).toBe(true);
    expect(await echoOnce(target)).toEqual(u32Frame(Buffer.from('ping')));
  });

  test('on a unix socket, and removes it at the end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tidemark-target-'));
    try {
      const target = await startTarget({ listen: { path: join(directory, 'echo.sock') } });
      expect(target.address).toBe(`unix:${directory}/echo.sock`);
      expect(await echoOnce(target)).toEqual(u32Frame(Buffer.from('ping')));
      await target.close();
      await expect(connectPeer(target.address)).rejects.toThrow('ENOENT');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  async function echoOnce(target: Target): Promise<Buffer> {
    const peer = await connectPeer(target.address);
    peer.socket.end(u32Frame(Buffer.from('ping')));
    await peer.closed;
    return peer.received;
  }
});

describe('startTarget serves TLS', () => {
  const material = { cert: tlsText('server.pem'), key: tlsText('server-key.pem'), clientCa: null, alpn: [] };
  const mutual = { ...material, clientCa: tlsText('ca.pem') };
  const clientCertificate = { cert: tlsText('client.pem'), key: tlsText('client-key.pem') };

  /** Handshakes, echoes one frame, and ends. */
  async function exchange(target: Target, options: ConnectionOptions): Promise<Peer> {
    const socket = tlsConnect({ ...connectOptions(target.address), ca: tlsText('ca.pem'), ...options });
    const peer = new Peer(socket);
    socket.write(u32Frame(Buffer.from('secret')));
    await Promise.race([peer.receive(10), peer.closed]).catch(() => undefined);
    socket.end();
    await peer.closed;
    return peer;
  }

  test('to clients that trust its authority, and counts application bytes', async () => {
    const target = await start({ tls: material });
    const peer = await exchange(target, {});
    expect(peer.received).toEqual(u32Frame(Buffer.from('secret')));
    const counters = await settled(target);
    expect(counters.bytes).toEqual({ received: 10, sent: 10 });
    expect(counters.connections).toMatchObject({ accepted: 1, closed: 1, tlsFailed: 0 });
  });

  test('and sends every reply before it ends, when the client has ended its side', async () => {
    const target = await start({ tls: material, maxPayloadBytes: 4_000_000 });
    const stream = u32Frame(Buffer.alloc(4_000_000, 'tidemark'));
    const options = { ...connectOptions(target.address), ca: tlsText('ca.pem'), allowHalfOpen: true };
    const peer = new Peer(tlsConnect(options));
    peer.socket.end(stream);
    await peer.closed;
    expect(peer.received.equals(stream)).toBe(true);
  });

  test('with the protocol that both sides know', async () => {
    const target = await start({ tls: { ...material, alpn: ['tide/2', 'tide/1'] } });
    const socket = tlsConnect({
      ...connectOptions(target.address),
      ca: tlsText('ca.pem'),
      ALPNProtocols: ['tide/1', 'other'],
    });
    const peer = new Peer(socket);
    await new Promise((secured) => socket.once('secureConnect', secured));
    expect(socket.alpnProtocol).toBe('tide/1');
    socket.end();
    await peer.closed;
  });

  test('to clients with a certificate of the named authority', async () => {
    const target = await start({ tls: mutual });
    const peer = await exchange(target, clientCertificate);
    expect(peer.received).toEqual(u32Frame(Buffer.from('secret')));
    expect((await settled(target)).connections).toMatchObject({ closed: 1, tlsFailed: 0 });
  });

  test('and refuses clients without one, as a failed handshake', async () => {
    const target = await start({ tls: mutual });
    const peer = await exchange(target, {});
    expect(peer.received).toHaveLength(0);
    const counters = await settled(target);
    expect(counters.connections).toMatchObject({ accepted: 1, closed: 0, tlsFailed: 1 });
    expect(counters.bytes.received).toBe(0);
  });

  test('and counts a client that speaks no TLS as a failed handshake', async () => {
    const target = await start({ tls: material });
    const peer = await connectPeer(target.address);
    peer.socket.end('this is no client hello');
    await peer.closed;
    expect((await settled(target)).connections).toMatchObject({ accepted: 1, tlsFailed: 1 });
  });

  test.each<[string, TargetOptions]>([
    ['a target that accepts by node:net', {}],
    ['one that accepts by its own system calls', { faults: [parseFault('pause-accept:1ms/1h')] }],
  ])('and lets go of clients that leave before their handshake, on %s', async (_, options) => {
    const target = await start({ tls: material, ...options });
    for (let dial = 0; dial < 5; dial++) {
      const peer = await connectPeer(target.address, true);
      // One leaves without a word, the next inside its client hello.
      if (dial % 2 === 1) peer.socket.write(Buffer.of(0x16, 3, 1, 0, 200));
      peer.socket.end();
      // Its own FIN is answered: a socket that was kept would wait here for the limit of handshakes.
      await peer.closed;
      expect((await settled(target)).connections).toMatchObject({
        accepted: dial + 1,
        tlsFailed: dial + 1,
        peak: 1,
      });
    }
    const peer = await exchange(target, {});
    expect(peer.received).toEqual(u32Frame(Buffer.from('secret')));
  });

  test('and closes a connection whose handshake takes too long', async () => {
    const target = await start({ tls: { ...material, handshakeMsMax: 20 } });
    const peer = await connectPeer(target.address);
    await peer.closed;
    expect((await settled(target)).connections).toMatchObject({ accepted: 1, tlsFailed: 1 });
  });

  test('and ends open connections when it is closed', async () => {
    const target = await startTarget({ tls: material });
    const socket = tlsConnect({ ...connectOptions(target.address), ca: tlsText('ca.pem') });
    const peer = new Peer(socket);
    await new Promise((secured) => socket.once('secureConnect', secured));
    expect((await target.close()).connections).toMatchObject({ accepted: 1, openAtEnd: 1 });
    await peer.closed;
  });

  test('unless its key does not fit its certificate, which is an operating error', async () => {
    const tls = { ...material, key: tlsText('client-key.pem') };
    await expect(startTarget({ tls })).rejects.toMatchObject({ code: 'ERR_TARGET', exitCode: 104 });
  });
});
