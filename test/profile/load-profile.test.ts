import { describe, expect, it } from 'vitest';
import { OperatingError } from '../../src/base/errors.ts';
import { EXIT } from '../../src/base/exit-codes.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { ProfileError } from '../../src/profile/profile-fault.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { faultsOf, load, type Sources } from '../support/profile-sources.ts';

describe('loadProfile', () => {
  it('reads every key of a file', () => {
    const yaml = `
target: "[::1]:7000"
label: night
duration: 1h30m
warmup: 5s
seed: 42
workers: 2
engine: node
connections: { count: 10k, ramp: 30s, concurrentDials: 500, lifetime: 100 frames, reconnect: immediate, close: half }
load: { totalRate: 20k/s, window: 8, arrivals: poisson, pacing: frugal }
frame: { format: u16be@2, maxBytes: 64KiB, header: hex:cafe }
payload: { size: uniform:64B..4KiB, stamp: off }
preface: { send: HELLO\\n, expect: READY\\n, timeout: 2s }
match: { mode: fifo, verify: off }
timeouts: { connect: 1s, read: 2s, write: 3s, drain: 0s }
heartbeat: { every: 10s, payload: PING, timeout: 1s }
socket: { noDelay: off }
tls: { enabled: true, ca: ca.pem, cert: c.pem, key: c.key, servername: a.example, alpn: [h2, x], insecure: true }
safety: { allowPublic: true, allowedTargets: [a.example] }
health: { verdict: report, invalidIntervals: 12.5%, lateSends: 2%..off, stall: off..1s }
record: { maxDisk: 300MiB }
`;
    expect(load({ yaml })).toEqual({
      target: '[::1]:7000',
      label: 'night',
      durationUs: 5_400_000_000,
      warmupUs: 5_000_000,
      seed: 42,
      workers: 2,
      engine: 'node',
      connections: {
        count: 10_000,
        ratePerSecond: null,
        rampUs: 30_000_000,
        concurrentDials: 500,
        sourceIps: [],
        lifetime: { kind: 'frames', count: 100 },
        reconnect: 'immediate',
        backoff: null,
        close: 'half',
      },
      load: {
        window: 8,
        thinkUs: 0,
        ratePerSecond: null,
        totalRatePerSecond: 20_000,
        send: 'on',
        arrivals: 'poisson',
        pacing: 'frugal',
      },
      frame: { format: 'u16be@2', maxBytes: 65_536, header: 'hex:cafe' },
      payload: { size: 'uniform:64B..4KiB', message: null, file: null, stamp: 'off', pushStamp: null },
      preface: { send: 'HELLO\\n', expect: 'READY\\n', timeoutUs: 2_000_000 },
      match: { mode: 'fifo', verify: 'off' },
      timeouts: { connectUs: 1_000_000, readUs: 2_000_000, writeUs: 3_000_000, drainUs: 0 },
      heartbeat: { everyUs: 10_000_000, payload: 'PING', timeoutUs: 1_000_000 },
      socket: { ...DEFAULT_SOCKET_OPTIONS, noDelay: false },
      tls: {
        enabled: true,
        caFile: 'ca.pem',
        certFile: 'c.pem',
        keyFile: 'c.key',
        servername: 'a.example',
        alpn: ['h2', 'x'],
        insecure: true,
      },
      stages: [],
      thresholds: [],
      safety: { allowPublic: true, allowedTargets: ['a.example'] },
      cohorts: [],
      health: {
        verdict: 'report',
        invalidShareMax: 0.125,
        bounds: {
          ...load({}).health.bounds,
          lateSends: { warn: 0.02, invalid: null },
          stall: { warn: null, invalid: 1_000_000 },
        },
      },
      record: { maxDiskBytes: 300 * 1024 * 1024 },
    } satisfies Profile);
  });

  it('reads every option of a socket', () => {
    const yaml = `
engine: epoll
connections: { sourceIps: [127.0.0.2, 127.0.1.0/29] }
socket:
  rcvbuf: 64KiB
  sndbuf: 10kB
  quickAck: off
  linger: 0
  keepalive: 1m/1s/3
  userTimeout: 1.5s
  congestion: dctcp-2
  tos: 16
  notSentLowat: 16KiB
`;
    const profile = load({ yaml });
    expect(profile.connections.sourceIps).toEqual(['127.0.0.2', '127.0.1.0/29']);
    expect(profile.socket).toEqual({
      noDelay: true,
      receiveBufferBytes: 65_536,
      sendBufferBytes: 10_000,
      quickAck: false,
      lingerSeconds: 0,
      keepAlive: { idleSeconds: 60, intervalSeconds: 1, count: 3 },
      userTimeoutMs: 1500,
      congestion: 'dctcp-2',
      typeOfService: 16,
      notSentLowWaterBytes: 16_384,
    } satisfies Profile['socket']);
  });

  it.each<[string, Sources, number]>([
    ['a file over the default', { yaml: 'duration: 1s' }, 1],
    ['the environment over a file', { yaml: 'duration: 1s', env: { TIDEMARK_DURATION: '2s' } }, 2],
    ['an empty variable gives nothing', { yaml: 'duration: 1s', env: { TIDEMARK_DURATION: '' } }, 1],
    [
      'a flag over the environment',
      { yaml: 'duration: 1s', env: { TIDEMARK_DURATION: '2s' }, flags: { duration: '3s' } },
      3,
    ],
    ['--set over the flag', { flags: { duration: '3s' }, sets: ['duration=4s'] }, 4],
    ['the last --set over the others', { sets: ['duration=4s', 'duration=5s'] }, 5],
  ])('lays %s', (_, sources, seconds) => {
    expect(load(sources).durationUs).toBe(seconds * 1_000_000);
  });

  it('lets the stronger source choose between alternatives', () => {
    const yaml = 'connections: {rate: 5/s}\nload: {window: 4, think: 1ms}\npayload: {size: 1KiB}';
    const profile = load({ yaml, flags: { message: 'ping', rate: '10/s', connectRamp: '1s' } });
    expect(profile.payload).toEqual({
      size: null,
      message: 'ping',
      file: null,
      stamp: 'off',
      pushStamp: null,
    });
    expect(profile.load).toMatchObject({
      window: null,
      thinkUs: 0,
      ratePerSecond: 10,
      totalRatePerSecond: null,
    });
    expect(profile.connections).toMatchObject({ ratePerSecond: null, rampUs: 1_000_000 });
  });

  it('lets a flag that turns TLS off take back what the file says of it', () => {
    const yaml = 'tls: {enabled: on, ca: ca.pem, insecure: on}';
    expect(load({ yaml, sets: ['tls.enabled=off'] }).tls).toMatchObject({ caFile: null, insecure: false });
  });

  it('takes back a value by --set path=null', () => {
    expect(load({ yaml: 'load: {rate: 5/s}', sets: ['load.rate=null'] }).load).toMatchObject({
      window: 1,
      ratePerSecond: null,
    });
  });

  it('reports every fault of every source, each at its place', () => {
    const yaml = [
      'target: 127.0.0.1:70000',
      'durration: 60s',
      'workers: 2',
      'workers: 3',
      'connections:',
      '  count: 1e3',
      '  rate: 5',
      'load:',
      '  think: 3',
      'payload: [64B]',
      'label:',
      'seed:',
    ].join('\n');
    const faults = faultsOf({
      yaml,
      env: { TIDEMARK_READ_TIMEOUT: '3', TIDEMARK_CONECT_TIMEOUT: '3s', TIDEMARK_SERVICE_HOST: '10.0.0.1' },
      flags: { connectTimeout: '3', warmup: '20s', json: true },
      sets: ['load.thnk=3s', 'laod', 'load=3'],
    });
    expect(faults.map((fault) => fault.replace(/; .*/, ''))).toEqual([
      'plan.yaml:1:9 target: "127.0.0.1:70000" has a port that must be between 1 and 65535, current value is 70000',
      'plan.yaml:2:1 durration: is no key of a profile',
      'plan.yaml:4:1 workers: stands twice',
      'plan.yaml:6:10 connections.count: "1e3" is not a count',
      'plan.yaml:7:9 connections.rate: "5" has no unit',
      'plan.yaml:9:10 load.think: "3" has no unit',
      'plan.yaml:10:10 payload: must be a group of keys: payload.size, payload.message, payload.file, ' +
        'payload.stamp, payload.pushStamp',
      'plan.yaml:12:1 seed: has no value',
      'TIDEMARK_READ_TIMEOUT: "3" has no unit',
      'TIDEMARK_CONECT_TIMEOUT: is no variable of Tidemark',
      '--connect-timeout: "3" has no unit',
      '--set load.thnk: is no key of a profile',
      '--set laod: must read path=value, for example load.think=10ms',
      '--set load: must be a group of keys: load.window, load.think, load.rate, load.totalRate, ' +
        'load.send, load.arrivals, load.pacing',
    ]);
  });

  it('throws one operating error with typed faults', () => {
    const attempt = (): Profile => load({ yaml: 'seed: -1', flags: { rate: '5' } });
    expect(attempt).toThrow(OperatingError);
    expect(attempt).toThrow(ProfileError);
    expect(attempt).toThrow(/^Cannot use the profile 'plan', which has 2 faults:\n/);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ERR_PROFILE_INVALID',
        exitCode: EXIT.usage,
        faults: [
          { file: 'plan.yaml', line: 1, column: 7, path: 'seed' },
          { source: '--rate', path: 'load.rate' },
        ],
      });
    }
  });

  it.each<[string, string, string]>([
    [
      'a misspelt key',
      'connections: {cuont: 3}',
      'plan.yaml:1:15 connections.cuont: is no key of a profile; did you mean connections.count?',
    ],
    [
      'a key that belongs elsewhere',
      'think: 3s',
      'plan.yaml:1:1 think: is no key of a profile; did you mean load.think?',
    ],
    [
      'a flag as a key',
      'connect-timeout: 3s',
      'plan.yaml:1:1 connect-timeout: is no key of a profile; did you mean timeouts.connect?',
    ],
    ['a path as a key', 'load.rate: 3/s', 'plan.yaml:1:1 load.rate: must be nested: write rate under load'],
    [
      'a key like none',
      'socket: {zzzzz: 1}',
      'plan.yaml:1:10 socket.zzzzz: is no key of a profile; the keys here are noDelay, rcvbuf, sndbuf, ' +
        'quickAck, linger, keepalive, userTimeout, congestion, tos, notSentLowat',
    ],
    [
      'a word of the language',
      'constructor: 1',
      'plan.yaml:1:1 constructor: is no key of a profile; the keys here are target, label',
    ],
    [
      'the prototype',
      '__proto__: 1',
      'plan.yaml:1:1 __proto__: is no key of a profile; the keys here are target',
    ],
    [
      'a list for a word',
      'duration: [1s]',
      'plan.yaml:1:11 duration: must be a single value, not a list; for example duration: 5m',
    ],
    [
      'a group for a word',
      'duration: {a: 1s}',
      'plan.yaml:1:11 duration: must be a single value, not a group of keys',
    ],
    ['a group for a list', 'tls: {alpn: {a: b}}', 'plan.yaml:1:13 tls.alpn: must be a list of words'],
    ['a document that is no profile', '- a', 'plan.yaml:1:1: must hold keys and values'],
    ['broken YAML', 'duration: [1s', 'plan.yaml:1:14: is no YAML: '],
    ['an anchor that is not there', 'duration: *d', "plan.yaml:1:11 duration: names the anchor 'd'"],
    [
      'an alias that holds itself',
      'tls: {alpn: &a [*a]}',
      'plan.yaml:1:16 tls.alpn: must be a list of words',
    ],
  ])('names %s', (_, yaml, fault) => {
    const faults = faultsOf({ yaml });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
