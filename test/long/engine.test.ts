import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { formatAddress } from '../../src/coordinator/resolve-target.ts';
import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { serveNobody } from '../support/loopback-server.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { ENGINES } from '../support/shard-run.ts';
import { runTidemark } from '../support/tidemark.ts';
import { expectClean, expectRefusal, honestTarget, runJson } from '../e2e/json-run.ts';

const SHORT = ['-T', '300ms'];

describe.each(ENGINES)('tidemark run --engine $engine', ({ engine, missing }) => {
  const skipped = missing !== null;
  const seen = engine === 'epoll';

  test.skipIf(skipped)('exchanges frames over IPv4, IPv6 and a unix socket', async () => {
    const places = [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
      { path: join(scratchDirectory(), 's') },
    ];
    for (const listen of places) {
      const { address, counters } = await honestTarget({ listen });
      const run = await runJson(['--engine', engine, '--target', address, '-w', '2', '-c', '6', ...SHORT]);
      expectClean(run, 6);
      expect(run.summary.run).toMatchObject({ engine, engineReason: 'asked for' });
      expect(counters().frames.received).toBe(run.summary.frames.sent);
    }
  });

  test.skipIf(skipped)(
    `tells ${seen ? 'dials by their SYN repeats' : 'that it cannot see SYN repeats'}`,
    async () => {
      const run = await runJson(['--engine', engine, '-c', '5', ...SHORT]);
      expectClean(run, 5);
      expect(run.summary.dials.stalled).toBe(seen ? 0 : null);
      expect(run.summary.dials.bySynRetransmits).toEqual(seen ? { '0': 5 } : {});
      expect(run.summary.run.socket?.['noDelay'] ?? null).toBe(seen ? 1 : null);
    },
  );

  test.skipIf(skipped)(
    'ends by signal as by plan: lifetime, reconnect, heartbeat and close together',
    async () => {
      const { address, counters } = await honestTarget();
      const life = ['--connection-lifetime', '50ms', '--reconnect', 'immediate', '--close', 'half'];
      const beat = ['--heartbeat', '20ms', '--think', '5ms'];
      const run = await runJson([
        '--engine',
        engine,
        '--target',
        address,
        '-c',
        '3',
        '-T',
        '500ms',
        ...life,
        ...beat,
      ]);
      expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
      const { dials, sessions, frames, heartbeats, connections } = run.summary;
      expect(dials.connected).toBeGreaterThan(9);
      expect(sessions['closed-by-plan']).toBe(dials.connected);
      expect(connections.peakOpen).toBeLessThanOrEqual(3);
      expect(frames.matched).toBe(frames.sent);
      expect(heartbeats.sent).toBeGreaterThan(0);
      expect(heartbeats.answered).toBe(heartbeats.sent);
      expect(run.summary.histograms.heartbeat.count).toBe(heartbeats.answered);
      expect(counters().frames.received).toBe(frames.sent + heartbeats.sent);
    },
  );
});

const epollMissing = ENGINES.some(({ engine, missing }) => engine === 'epoll' && missing !== null);

describe.skipIf(epollMissing)('tidemark run with the epoll engine', () => {
  test('is what auto picks, and says why', async () => {
    const run = await runJson(['-c', '2', ...SHORT]);
    expectClean(run, 2);
    expect(run.summary.run).toMatchObject({ engine: 'epoll', engineReason: 'it can run here' });
  });

  test('stores socket options as the kernel has them', async () => {
    const options = ['--rcvbuf', '40000B', '--user-timeout', '2s', '--keepalive', '10s/2s/3'];
    const run = await runJson(['-c', '2', ...SHORT, ...options]);
    expectClean(run, 2);
    expect(run.summary.run.socket).toMatchObject({
      rcvbufBytes: 80_000,
      userTimeoutMs: 2000,
      keepAlive: 1,
      keepAliveIdleSeconds: 10,
      keepAliveIntervalSeconds: 2,
      keepAliveCount: 3,
    });
  });

  test('knows nothing of unacknowledged bytes on a unix socket, whose kernel counts memory', async () => {
    const { address } = await honestTarget({
      listen: { path: join(scratchDirectory(), 's') },
      faults: [parseFault('never-reply')],
    });
    const run = await runJson(['--target', address, '-c', '2', '-T', '5s', '--read-timeout', '100ms']);
    expect(run.summary.sessions['read-timeout']).toBe(2);
    expect(run.summary.connections.bytesUnacked).toBe(0);
  });

  test('closes by RST with a linger time of 0, by FIN without', async () => {
    const { address, counters } = await honestTarget();
    expectClean(await runJson(['--target', address, '-c', '3', ...SHORT]), 3);
    expect(counters().connections.reset).toBe(0);
    expectClean(await runJson(['--target', address, '-c', '3', ...SHORT, '--linger', '0']), 3);
    await expect.poll(() => counters().connections.reset).toBe(3);
  });

  test('refuses an option that the kernel refuses, once, before any dial', async () => {
    const { address, counters } = await honestTarget();
    const args = ['run', '--target', address, '-c', '50', '--set', 'socket.congestion=no-such'];
    const message = expectRefusal(await runTidemark(args));
    expect(message).toContain(
      'Cannot set the socket option congestion: the kernel refuses its value with ENOENT',
    );
    expect(counters().connections.accepted).toBe(0);
  });

  test("refuses a source address that is not this machine's, once, before any dial", async () => {
    const { address, counters } = await honestTarget();
    const args = ['run', '--target', address, '-c', '50', '--source-ip', '127.0.0.2,192.0.2.1'];
    const message = expectRefusal(await runTidemark(args));
    expect(message).toContain(
      'Cannot dial from 192.0.2.1: the kernel refuses the address with EADDRNOTAVAIL',
    );
    expect(counters().connections.accepted).toBe(0);
  });

  test('refuses a broadcast address as a source, from which the kernel would not dial', async () => {
    const { address, counters } = await honestTarget();
    const args = ['run', '--target', address, '-c', '50', '--source-ip', '127.0.0.2,127.255.255.255'];
    expect(expectRefusal(await runTidemark(args))).toContain(
      'Cannot dial from 127.255.255.255: it is a broadcast address, and the kernel would dial from another instead',
    );
    expect(counters().connections.accepted).toBe(0);
  });

  test('names a target that a trial dial cannot reach', async () => {
    const address = formatAddress(await serveNobody());
    const run = await runJson(['--target', address, '-c', '3', '-T', '2s', '--connect-timeout', '200ms']);
    expect(run.exitCode).toBe(123);
    expect(run.summary.dials).toMatchObject({ attempted: 1, timedOut: 1 });
  });
});
