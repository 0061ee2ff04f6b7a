import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import { DEFAULT_SOCKET_OPTIONS, type SocketOptions } from '../../../src/engine/socket-options.ts';
import { connectRaw, playEpoll, rawListener } from './epoll-scene.ts';
import { LIBC, RawListener } from './raw-peer.ts';

describe.skipIf(LIBC === null)('EpollEngine dials', () => {
  test('from the source address that it is given, as its peer sees it', async () => {
    const listener = rawListener();
    const sources = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`);
    await playEpoll(
      function* (stage) {
        for (const [slot, source] of sources.entries()) {
          const peer = yield* connectRaw(stage, slot, listener, source);
          expect(peer.host).toBe(source);
        }
      },
      { slots: sources.length },
    );
  });

  test('not from an address that is not of this machine: EADDRNOTAVAIL from bind', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address, sourceIp: '192.0.2.1' });
      yield stage.until(0, 'dialFailed');
      expect(stage.seen.only(0, 'dialFailed')).toMatchObject({
        failure: { errno: 'EADDRNOTAVAIL', errnoNumber: 99, syscall: 'bind' },
        facts: { synRetransmits: 0 },
      });
    });
  });

  test('to nobody are refused, where the kernel connects the socket to itself', async () => {
    const listener = new RawListener();
    const { address } = listener;
    listener.close();
    const libc = present(LIBC, 'libc');
    const sameName = (fd: number, to: number, length: number): number => {
      libc.bind(fd, to, length);
      return libc.connect(fd, to, length);
    };
    await playEpoll(
      function* (stage) {
        stage.dial(0, { address });
        yield stage.until(0, 'dialFailed');
        expect(stage.seen.only(0, 'dialFailed').failure).toEqual({
          errno: 'ECONNREFUSED',
          errnoNumber: 111,
          syscall: 'getpeername',
        });
      },
      {},
      { ...libc, connect: sameName },
    );
  });

  test('not beyond what epoll may watch: a limit of this machine, and no dead worker', async () => {
    const listener = rawListener();
    const libc = present(LIBC, 'libc');
    let full = false;
    const refuse = (): number => ((full = true), -1);
    const errno = (): number => (full ? constants.errno.ENOSPC : libc.errno());
    await playEpoll(
      function* (stage) {
        stage.dial(0, { address: listener.address });
        yield stage.until(0, 'dialFailed');
        expect(stage.seen.only(0, 'dialFailed').failure).toMatchObject({
          errno: 'ENOSPC',
          syscall: 'epoll_ctl',
        });
      },
      {},
      { ...libc, connect: () => 0, epollCtl: refuse, errno },
    );
  });

  test('with no SYN repeated where the backlog has room', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      yield* connectRaw(stage, 0, listener);
      expect(stage.seen.only(0, 'dialed').facts).toEqual({ synRetransmits: 0 });
    });
  });

  test('until it is destroyed: no SYN was repeated yet, and nothing acknowledged is known', async () => {
    const listener = rawListener({ backlog: 0 });
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address });
      yield stage.until(0, 'dialed');
      stage.dial(1, { address: listener.address });
      yield stage.forAWhile(100);
      stage.destroy(1);
      yield stage.until(1, 'closed');
      expect(stage.seen.only(1, 'closed').unsent).toMatchObject({ bytesAcked: null, synRetransmits: 0 });
    });
  });

  // 1.1 s: the kernel repeats a SYN after a second, with linear timeouts and without.
  test('with one SYN repeated into a backlog that frees up after half a second', async () => {
    const listener = rawListener({ backlog: 0 });
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address });
      yield stage.until(0, 'dialed');
      const dialedUs = stage.engine.nowUs();
      stage.dial(1, { address: listener.address });
      yield stage.forAWhile(500);
      expect(stage.story(1)).toEqual([]);
      present(listener.accept(), 'the connection that filled the backlog');
      yield stage.until(1, 'dialed');
      const { nowUs, facts } = stage.seen.only(1, 'dialed');
      expect(facts).toEqual({ synRetransmits: 1 });
      expect(nowUs - dialedUs).toBeGreaterThan(900_000);
    });
  });

  // 3.5 s: long enough for a repeat on every kernel, 3 with linear timeouts (tcp_syn_linear_timeouts), 2 without.
  test('with SYNs repeated in vain into a backlog that stays full', async () => {
    const listener = rawListener({ backlog: 0 });
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address });
      yield stage.until(0, 'dialed');
      stage.dial(1, { address: listener.address });
      stage.setDeadline(1, 'read', stage.engine.nowUs() + 3_500_000);
      yield stage.until(1, 'expired');
      stage.destroy(1);
      yield stage.until(1, 'closed');
      const { synRetransmits } = stage.seen.only(1, 'closed').unsent;
      expect(synRetransmits).toBeGreaterThanOrEqual(1);
      expect(synRetransmits).toBeLessThanOrEqual(3);
    });
  });

  test('not without a descriptor: EMFILE from socket', () => {
    const built = new URL('../../../dist/engine/', import.meta.url).href;
    const ended = spawnSync('bash', [
      '-c',
      'ulimit -n 100 && exec "$0" "$@"',
      process.execPath,
      '--input-type=module',
      '-e',
      OUT_OF_DESCRIPTORS,
      built,
    ]);
    expect(ended.stderr.toString()).toBe('');
    expect(JSON.parse(ended.stdout.toString())).toMatchObject({
      failure: { errno: 'EMFILE', errnoNumber: 24, syscall: 'socket' },
      facts: { synRetransmits: null },
    });
  });
});

/** Opens files until no descriptor is left, then dials once and writes how that failed. */
const OUT_OF_DESCRIPTORS = `
  import { closeSync, openSync, writeSync } from 'node:fs';
  const built = process.argv[1];
  const { EpollEngine } = await import(built + 'linux/epoll-engine.js');
  const { loadLibc } = await import(built + 'linux/libc.js');
  const { DEFAULT_SOCKET_OPTIONS } = await import(built + 'socket-options.js');
  const unexpected = () => { throw new Error('no other event was due'); };
  const engine = new EpollEngine({ slots: 1, outboxBytes: 64, libc: loadLibc() }, {
    dialed: unexpected, secured: unexpected, received: unexpected, ended: unexpected, writable: unexpected,
    closed: unexpected, expired: unexpected, tick: () => {},
    dialFailed(slot, nowUs, failure, facts) {
      writeSync(1, JSON.stringify({ failure, facts }));
      engine.stop();
    },
  });
  try { for (;;) openSync('/dev/null'); } catch {}
  const address = { family: 4, host: '127.0.0.1', port: 1 };
  engine.dial(0, { address, options: DEFAULT_SOCKET_OPTIONS, sourceIp: null, tls: null });
  await engine.run();
`;

describe.skipIf(LIBC === null)('EpollEngine closes', () => {
  test('noting what it leaves unread where the peer never closes its half: the kernel then sends RST', async () => {
    const listener = rawListener();
    await playEpoll(function* (stage) {
      const peer = yield* connectRaw(stage, 0, listener);
      stage.engine.pause(0);
      peer.write(Buffer.alloc(700));
      stage.close(0);
      yield stage.until(0, 'closed');
      expect(stage.seen.only(0, 'closed').unsent).toMatchObject({ bytesUnread: 700 });
      peer.close();
    });
  });
});

describe.skipIf(LIBC === null)('EpollEngine with a linger time', () => {
  const options = (lingerSeconds: number): SocketOptions => ({ ...DEFAULT_SOCKET_OPTIONS, lingerSeconds });

  test('gives a connection up at once, though its peer takes nothing and close(2) would wait', async () => {
    const listener = rawListener({ receiveBufferBytes: 4096 });
    await playEpoll(function* (stage) {
      stage.dial(0, { address: listener.address, options: options(5) });
      yield stage.until(0, 'dialed');
      const peer = present(listener.accept(), 'an accepted connection');
      expect(stage.engine.socketFacts(0)).toMatchObject({ lingerSeconds: 5 });
      stage.send(0, Buffer.alloc(50_000));
      const askedUs = stage.engine.nowUs();
      stage.destroy(0);
      yield stage.until(0, 'closed');
      yield stage.forAWhile(10);
      expect(stage.engine.nowUs() - askedUs).toBeLessThan(2_000_000);
      peer.close();
    });
  });

  test.each([
    [1, false],
    [4, true],
  ])(
    'of %i s: an order to close with bytes unacknowledged still waits after 1.5 s: %s',
    async (seconds, waits) => {
      const listener = rawListener({ receiveBufferBytes: 4096 });
      await playEpoll(function* (stage) {
        stage.dial(0, { address: listener.address, options: options(seconds) });
        yield stage.until(0, 'dialed');
        const peer = present(listener.accept(), 'an accepted connection');
        stage.send(0, Buffer.alloc(50_000));
        stage.close(0);
        yield stage.forAWhile(1500);
        expect(stage.seen.log(0).events.every(({ type }) => type !== 'closed')).toBe(waits);
        peer.close();
        if (waits) yield stage.until(0, 'closed');
      });
    },
  );
});
