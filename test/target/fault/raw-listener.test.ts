import { readdirSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';

import { describe, expect, onTestFinished, test } from 'vitest';

import { assert } from '../../../src/base/assert.ts';
import { loadLibc } from '../../../src/engine/linux/libc.ts';
import { SocketCalls } from '../../../src/engine/linux/socket-calls.ts';
import { startTarget } from '../../../src/target/target.ts';
import { connectOptions, Peer } from '../../support/peer.ts';
import { scratchDirectory } from '../../support/scratch-directory.ts';
import { accepted, faulty, frames, onlyTruth } from './stage.ts';
import { tlsText } from '../../support/tls-fixtures.ts';

/** The sockets of this process, by descriptor: descriptors are used again, sockets have names of their own. */
function openSockets(): Map<number, string> {
  const sockets = new Map<number, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    const path = `/proc/self/fd/${fd}`;
    const name = linkAt(path);
    if (name.startsWith('socket:')) sockets.set(Number(fd), name);
  }
  return sockets;
}

/** The folder's own descriptor is listed too, and gone by then. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

describe('a target that accepts by its own rules', () => {
  test('never accepts: backlog + 1 dials connect, the next does not, and the truth counts who waits', async () => {
    const target = await faulty('never-accept', { backlog: 4 });
    const peers = await Promise.all(Array.from({ length: 5 }, () => target.connect()));
    for (const peer of peers) peer.socket.write(frames('ping'));
    const surplus = connect(connectOptions(target.target.address));
    onTestFinished(() => void surplus.destroy());
    surplus.on('error', () => undefined);
    // On loopback a dial that the kernel takes is complete within its own system call.
    await turns(50);
    expect(surplus.connecting).toBe(true);
    expect(peers.map((peer) => peer.received.length)).toEqual([0, 0, 0, 0, 0]);
    const { connections, faults } = await target.truth();
    expect(connections.accepted).toBe(0);
    expect(faults[0]).toMatchObject({ connections: 0, counts: { waitingAtEnd: 5 } });
  });

  test('does not claim to know who waits on a unix socket', async () => {
    const target = await faulty('never-accept', { listen: { path: join(scratchDirectory(), 's') } });
    await target.connect();
    expect((await onlyTruth(target)).counts).toEqual({});
  });

  test('resets those who still wait when it ends', async () => {
    const target = await faulty('never-accept');
    const peer = await target.connect();
    peer.socket.write(frames('ping'));
    await target.truth();
    expect(await peer.closed).toBe('ECONNRESET');
  });

  test('accepts slowly: one connection at a time, at its rate', async () => {
    const target = await faulty('accept-slowly:25/s');
    const startMs = performance.now();
    const peers = await Promise.all(Array.from({ length: 5 }, () => target.connect()));
    for (const peer of peers) peer.socket.write(frames('ping'));
    await Promise.all(peers.map((peer) => peer.receive(8)));
    // The first is let in at once, the others 40 ms apart, less what the timers forgive.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(150);
    expect(await onlyTruth(target)).toMatchObject({
      connections: 5,
      counts: { accepted: 5, waitingAtEnd: 0 },
    });
  });

  test('sends each reply at once, whatever of the one before is unacknowledged', async () => {
    const target = await faulty('pause-accept:500ms/100ms');
    const before = new Set(openSockets().values());
    const peer = await target.connect();
    await accepted(target.target, 1);
    peer.socket.setNoDelay(true);
    const libc = loadLibc();
    assert(!('missing' in libc), 'raw listeners need it, too');
    const calls = new SocketCalls(libc);
    const made = [...openSockets()].filter(([, socket]) => !before.has(socket));
    expect(made.map(([fd]) => calls.readOptions(fd, 4)['noDelay'])).toEqual([1, 1]);
  });

  test('pauses accepting and serves those who are in', async () => {
    const startMs = performance.now();
    const target = await faulty('pause-accept:500ms/100ms');
    const early = await target.connect();
    await accepted(target.target, 1);
    let sent = 0;
    const echo = async (): Promise<void> => {
      early.socket.write(frames('ping'));
      await early.receive(++sent * 8);
    };
    while (performance.now() - startMs < 120) await echo();
    const late = await target.connect();
    late.socket.write(frames('late'));
    for (let frame = 0; frame < 10; frame++) await echo();
    expect(target.target.counters().connections.accepted).toBe(1);
    await late.receive(8);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(599);
    const { intervals } = await onlyTruth(target);
    expect(intervals).toHaveLength(1);
    expect(intervals[0]?.startMs).toBeGreaterThanOrEqual(100);
    expect(intervals[0]?.endMs).toBeGreaterThanOrEqual(600);
  });

  test('freezes as a whole, and answers everything afterwards', async () => {
    const target = await faulty(['freeze:300ms/100ms', 'delay:1ms@50%']);
    const [honest, delayed] = [await target.connect(), await target.connect()];
    await accepted(target.target, 2);
    const slowest = async (peer: Peer): Promise<number> => {
      for (let sent = 1; ; sent++) {
        const startMs = performance.now();
        peer.socket.write(frames('ping'));
        await peer.receive(sent * 8);
        const ms = performance.now() - startMs;
        if (ms > 150) return ms;
      }
    };
    const times = await Promise.all([slowest(honest), slowest(delayed)]);
    for (const ms of times) expect(ms).toBeLessThan(1500);
    const { faults } = await target.truth();
    const [interval] = faults[0]?.intervals ?? [];
    expect(interval?.startMs).toBeGreaterThanOrEqual(100);
    expect(interval?.endMs).toBeGreaterThanOrEqual(400);
  });

  test('freezes again and again where it is told how often', async () => {
    const target = await faulty('freeze:60ms/50ms/150ms');
    const peer = await target.connect();
    const beganMs = performance.now();
    let slow = 0;
    // A slow answer may also be the machine's doing: the second freeze has ended after 260 ms.
    for (let sent = 1; slow < 2 || performance.now() - beganMs < 300; sent++) {
      const startMs = performance.now();
      peer.socket.write(frames('ping'));
      await peer.receive(sent * 8);
      if (performance.now() - startMs > 30) slow++;
    }
    const { intervals } = await onlyTruth(target);
    const starts = intervals.map(({ startMs }) => startMs);
    expect(starts.length).toBeGreaterThanOrEqual(2);
    starts.forEach((startMs, turn) => expect(startMs).toBeGreaterThanOrEqual(50 + turn * 150));
    expect(intervals[1]?.endMs).toBeGreaterThanOrEqual(260);
  });

  test('says that a freeze had not ended when the target did, and who waited in it', async () => {
    const target = await faulty('freeze:1h/0s');
    const peer = await target.connect();
    peer.socket.write(frames('ping'));
    const until = performance.now() + 30;
    while (performance.now() < until) await turns(1);
    const { intervals, counts } = await onlyTruth(target);
    expect(intervals).toEqual([{ startMs: expect.any(Number), endMs: null }]);
    expect(counts).toEqual({ waitingAtEnd: 1 });
    expect(peer.received).toHaveLength(0);
  });
});

describe('a target that makes its own system calls', () => {
  test.each<[string, () => Parameters<typeof faulty>[1], RegExp]>([
    ['IPv4', () => ({}), /^127\.0\.0\.1:[1-9]\d*$/],
    ['IPv6', () => ({ listen: { host: '::1', port: 0 } }), /^\[::1\]:[1-9]\d*$/],
    ['a host name', () => ({ listen: { host: 'localhost', port: 0 } }), /:[1-9]\d*$/],
    [
      'a unix socket',
      () => ({ listen: { path: join(scratchDirectory(), 'raw.sock') } }),
      /^unix:.*\/raw\.sock$/,
    ],
  ])('listens on %s, and echoes there', async (_, options, address) => {
    const target = await faulty('pause-accept:1ms/1h', options());
    expect(target.target.address).toMatch(address);
    const peer = await target.connect();
    peer.socket.end(frames('ping'));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(frames('ping'));
    const { connections } = await target.truth();
    expect(connections).toMatchObject({ accepted: 1, closed: 1, openAtEnd: 0 });
    await expect(target.connect()).rejects.toThrow(/ECONNREFUSED|ENOENT/);
  });

  test('serves TLS', async () => {
    const tls = { cert: tlsText('server.pem'), key: tlsText('server-key.pem'), clientCa: null, alpn: [] };
    const target = await faulty(['pause-accept:1ms/1h', 'duplicate'], { tls });
    const socket = tlsConnect({ ...connectOptions(target.target.address), ca: tlsText('ca.pem') });
    const peer = new Peer(socket);
    socket.write(frames('secret'));
    await peer.receive(20);
    socket.end();
    await peer.closed;
    expect(peer.received).toEqual(frames('secret', 'secret'));
    expect((await target.truth()).faults[1]).toMatchObject({
      connections: 1,
      counts: { framesDuplicated: 1 },
    });
  });

  test('names the address and the reason when it is refused one', async () => {
    const owner = await startTarget();
    onTestFinished(async () => void (await owner.close()));
    const port = Number(owner.address.split(':')[1]);
    await expect(faulty('never-accept', { listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'ERR_TARGET',
      message: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1 port \d+: it is in use.*EADDRINUSE/),
    });
    await expect(faulty('never-accept', { listen: { host: 'empty..label', port: 0 } })).rejects.toThrow(
      'does not resolve',
    );
    await expect(faulty('never-accept', { listen: { path: `/tmp/${'x'.repeat(200)}` } })).rejects.toThrow(
      'at most 107 bytes',
    );
  });
});
