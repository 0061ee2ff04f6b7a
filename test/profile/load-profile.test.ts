import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatingError } from '../../src/base/errors.ts';
import { EXIT } from '../../src/base/exit-codes.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { ProfileError } from '../../src/profile/profile-fault.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

interface Sources {
  yaml?: string;
  env?: Record<string, string>;
  flags?: Record<string, unknown>;
  sets?: string[];
}

function load({ yaml, env = {}, flags = {}, sets = [] }: Sources): Profile {
  return loadProfile({ name: 'plan', text: yaml ?? null, file: 'plan.yaml' }, env, flags, sets);
}

/** The faults as the user reads them, one a line. */
function faultsOf(sources: Sources): string[] {
  try {
    load(sources);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('loadProfile', () => {
  it('settles every default', () => {
    expect(load({})).toEqual({
      target: null,
      label: 'plan',
      durationUs: 10_000_000,
      warmupUs: 0,
      seed: 1,
      workers: 1,
      engine: 'auto',
      connections: { count: 1, ratePerSecond: null, rampUs: null, concurrentDials: 100 },
      load: { window: 1, thinkUs: 0, ratePerSecond: null, totalRatePerSecond: null },
      frame: { format: 'u32be', maxBytes: 1_048_576, header: null },
      payload: { size: '64B', message: null, file: null, stamp: 'on' },
      preface: { send: null, expect: null, timeoutUs: 5_000_000 },
      match: { mode: 'fifo', verify: 'echo' },
      timeouts: { connectUs: 3_000_000, readUs: 5_000_000, writeUs: 5_000_000, drainUs: 5_000_000 },
      socket: { noDelay: true },
      tls: {
        enabled: false,
        caFile: null,
        certFile: null,
        keyFile: null,
        servername: null,
        alpn: [],
        insecure: false,
      },
      safety: { allowPublic: false, allowedTargets: [] },
    } satisfies Profile);
  });

  it('reads every key of a file', () => {
    const yaml = `
target: "[::1]:7000"
label: night
duration: 1h30m
warmup: 5s
seed: 42
workers: 2
engine: node
connections: { count: 10k, ramp: 30s, concurrentDials: 500 }
load: { totalRate: 20k/s, window: 8 }
frame: { format: u16be@2, maxBytes: 64KiB, header: hex:cafe }
payload: { size: uniform:64B..4KiB, stamp: off }
preface: { send: HELLO\\n, expect: READY\\n, timeout: 2s }
match: { mode: fifo, verify: off }
timeouts: { connect: 1s, read: 2s, write: 3s, drain: 0s }
socket: { noDelay: off }
tls: { enabled: true, ca: ca.pem, cert: c.pem, key: c.key, servername: a.example, alpn: [h2, x], insecure: true }
safety: { allowPublic: true, allowedTargets: [a.example] }
`;
    expect(load({ yaml })).toEqual({
      target: '[::1]:7000',
      label: 'night',
      durationUs: 5_400_000_000,
      warmupUs: 5_000_000,
      seed: 42,
      workers: 2,
      engine: 'node',
      connections: { count: 10_000, ratePerSecond: null, rampUs: 30_000_000, concurrentDials: 500 },
      load: { window: 8, thinkUs: 0, ratePerSecond: null, totalRatePerSecond: 20_000 },
      frame: { format: 'u16be@2', maxBytes: 65_536, header: 'hex:cafe' },
      payload: { size: 'uniform:64B..4KiB', message: null, file: null, stamp: 'off' },
      preface: { send: 'HELLO\\n', expect: 'READY\\n', timeoutUs: 2_000_000 },
      match: { mode: 'fifo', verify: 'off' },
      timeouts: { connectUs: 1_000_000, readUs: 2_000_000, writeUs: 3_000_000, drainUs: 0 },
      socket: { noDelay: false },
      tls: {
        enabled: true,
        caFile: 'ca.pem',
        certFile: 'c.pem',
        keyFile: 'c.key',
        servername: 'a.example',
        alpn: ['h2', 'x'],
        insecure: true,
      },
      safety: { allowPublic: true, allowedTargets: ['a.example'] },
    } satisfies Profile);
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
    expect(profile.payload).toEqual({ size: null, message: 'ping', file: null, stamp: 'off' });
    expect(profile.load).toEqual({ window: null, thinkUs: 0, ratePerSecond: 10, totalRatePerSecond: null });
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

  it.each<[string, string, Partial<Record<keyof Profile, unknown>>]>([
    [
      'a fixed frame decides the size',
      'frame: {format: fixed:128}',
      { payload: { size: '128B', stamp: 'on' } },
    ],
    ['a small payload has no stamp', 'payload: {size: 15B}', { payload: { size: '15B', stamp: 'off' } }],
    [
      'the smallest of a range decides on the stamp',
      'payload: {size: uniform:15B..64B}',
      { payload: { stamp: 'off' } },
    ],
    [
      'a text stamp needs twice the room',
      'frame: {format: "delim:\\\\n"}\npayload: {size: 31B}',
      { payload: { stamp: 'off' } },
    ],
    [
      'a message is sent as it is',
      'payload: {message: ping}',
      { payload: { size: null, message: 'ping', stamp: 'off' }, match: { mode: 'fifo', verify: 'off' } },
    ],
    [
      'a byte stream is neither stamped, matched nor verified',
      'frame: {format: none}',
      { payload: { stamp: 'off' }, match: { mode: 'none', verify: 'off' } },
    ],
    ['one-way traffic is not verified', 'match: {mode: none}', { match: { mode: 'none', verify: 'off' } }],
    ['a rate leaves the window open', 'load: {rate: 5/s}', { load: { window: null, ratePerSecond: 5 } }],
    ['an empty group is none', 'load:\ntls:', { load: { window: 1 } }],
    ['text that looks like a number stays text', 'payload: {message: 007}', { payload: { message: '007' } }],
    ['a quoted null is a word', 'label: "null"', { label: 'null' }],
    ['a list may be one word', 'tls: {enabled: on, alpn: h2}', { tls: { alpn: ['h2'] } }],
    [
      'an alias stands for its anchor',
      'duration: &d 3s\ntimeouts: {read: *d}',
      { timeouts: { readUs: 3_000_000 } },
    ],
    ['comments alone are an empty profile', '# nothing', { durationUs: 10_000_000 }],
  ])('settles what follows from other keys: %s', (_, yaml, expected) => {
    expect(load({ yaml })).toMatchObject(expected);
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
      'plan.yaml:10:10 payload: must be a group of keys: payload.size, payload.message, payload.file, payload.stamp',
      'plan.yaml:12:1 seed: has no value',
      'TIDEMARK_READ_TIMEOUT: "3" has no unit',
      'TIDEMARK_CONECT_TIMEOUT: is no variable of Tidemark',
      '--connect-timeout: "3" has no unit',
      '--set load.thnk: is no key of a profile',
      '--set laod: must read path=value, for example load.think=10ms',
      '--set load: must be a group of keys: load.window, load.think, load.rate, load.totalRate',
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
      'plan.yaml:1:10 socket.zzzzz: is no key of a profile; the keys here are noDelay',
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

  it.each<[string, Record<string, string>]>([
    ['workers', { workers: '65', connections: '100' }],
    ['workers', { workers: '0' }],
    ['connections', { connections: '0' }],
    ['window', { window: '0' }],
    ['rate', { rate: '0/s' }],
    ['duration', { duration: '0s' }],
    ['read-timeout', { readTimeout: '0s' }],
    ['frame-max', { frameMax: '1GiB' }],
    ['seed', { seed: '9007199254740992' }],
    ['seed', { seed: '1.5' }],
    ['engine', { engine: 'uring' }],
    ['nodelay', { nodelay: 'yes' }],
    ['stamp', { stamp: 'true' }],
    ['match', { match: 'any' }],
    ['verify', { verify: 'on' }],
    ['preface', { preface: '' }],
    ['message', { message: '\\q' }],
    ['label', { label: 'a\nb' }],
    ['tls-servername', { tls: 'on', tlsServername: '10.0.0.1' }],
    ['tls-alpn', { tls: 'on', tlsAlpn: 'h2,,h3' }],
    ['frame', { frame: 'u24' }],
    ['payload', { payload: '64' }],
  ])('refuses a value beyond what --%s takes', (flag, flags) => {
    const [fault, ...others] = faultsOf({ flags });
    expect(others).toEqual([]);
    expect(fault).toMatch(new RegExp(`^--${flag}: .*(current value|must|has no unit|is not|Cannot read)`));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['two rates', { rate: '1/s', totalRate: '2/s' }, '--total-rate: cannot stand beside load.rate (--rate)'],
    [
      'think time with a rate',
      { rate: '1/s', think: '1s' },
      '--think: cannot stand beside load.rate (--rate)',
    ],
    [
      'think time with a total rate',
      { totalRate: '1/s', think: '1s' },
      '--think: cannot stand beside load.totalRate (--total-rate)',
    ],
    [
      'two ways to ramp',
      { connectRate: '5/s', connectRamp: '1s' },
      '--connect-ramp: cannot stand beside connections.rate (--connect-rate)',
    ],
    [
      'a size with a message',
      { payload: '4B', message: 'ping' },
      '--message: cannot stand beside payload.size (--payload)',
    ],
    [
      'a warm-up as long as the run',
      { warmup: '10s' },
      '--warmup: must be shorter than duration (--duration), which is 10s',
    ],
    [
      'a ramp longer than the run',
      { connectRamp: '11s' },
      '--connect-ramp: must not be longer than duration (--duration), which is 10s',
    ],
    [
      'a rate that does not open all',
      { connections: '102', connectRate: '10/s' },
      '--connect-rate: must open all 102 connections within duration (--duration), which is 10s: at 10/s they take 10.1s',
    ],
    [
      'more workers than connections',
      { workers: '2' },
      '--workers: must be at most connections.count (--connections)',
    ],
    [
      'fewer dials than workers',
      { workers: '4', connections: '4', connectConcurrency: '3' },
      '--connect-concurrency: must be at least workers (--workers)',
    ],
    [
      'a payload beyond the maximum',
      { payload: '2MiB' },
      '--payload: must have at most 1MiB, largest size is 2MiB',
    ],
    [
      'a maximum below the default payload',
      { frameMax: '32B' },
      '--frame-max: payload.size must have at most 32B',
    ],
    [
      'the largest of a distribution beyond the maximum',
      { payload: 'exponential:1MiB' },
      '--payload: must have at most 1MiB, largest size is 16MiB',
    ],
    [
      'a size other than that of fixed frames',
      { frame: 'fixed:128', payload: '64B' },
      '--payload: must have exactly the 128B of fixed:128, current size is 64B',
    ],
    [
      'a message other than fixed frames hold',
      { frame: 'fixed:5', message: 'ping' },
      '--message: must have exactly the 5B',
    ],
    [
      'a payload that a byte cannot count',
      { frame: 'u8', payload: '256B' },
      '--payload: must have at most 255B, the most that the length of u8 can tell',
    ],
    [
      'a payload that two bytes cannot count with their header',
      { frame: 'u16be+header', payload: '65534B' },
      '--payload: must have at most 65533B, the most that the length of u16be+header can tell',
    ],
    [
      'a message that holds the delimiter',
      { frame: 'delim:\\n', message: 'a\\nb' },
      '--message: must not hold the delimiter of delim:\\n, which ends it at byte 1',
    ],
    [
      'a message whose end begins the delimiter',
      { frame: 'delim:\\r\\n\\r\\n', message: 'a\\r\\n' },
      '--message: must not hold the delimiter of delim:\\r\\n\\r\\n, which ends it at byte 1',
    ],
    [
      'a stamp without room',
      { payload: '15B', stamp: 'on' },
      '--payload: must have room for a stamp of 16 bytes, smallest size is 15B',
    ],
    [
      'a header where there is none',
      { frameHeader: 'ab' },
      '--frame-header: needs a frame.format (--frame) whose header is longer',
    ],
    [
      'a header of another size',
      { frame: 'u32be@4', frameHeader: 'abc' },
      '--frame-header: must have exactly 4B, which u32be@4 leaves beside the length, current value has 3B',
    ],
    [
      'an id without a stamp',
      { match: 'id', payload: '8B' },
      '--match: cannot be id where payloads carry no stamp',
    ],
    [
      'matching in a byte stream',
      { frame: 'none', match: 'fifo' },
      '--match: must be none where frame.format (--frame) is none',
    ],
    ['nothing in a byte stream', { frame: 'none', payload: '0B' }, '--payload: must have at least 1B'],
    [
      'verifying one-way traffic',
      { match: 'none', verify: 'echo' },
      '--verify: cannot be echo where match.mode (--match) is none',
    ],
    [
      'a certificate without its key',
      { tls: true, tlsCert: 'c.pem' },
      '--tls-cert: needs tls.key (--tls-key)',
    ],
    [
      'a key without its certificate',
      { tls: true, tlsKey: 'c.key' },
      '--tls-key: needs tls.cert (--tls-cert)',
    ],
    [
      'a name without TLS',
      { tlsServername: 'a.example' },
      '--tls-servername: has no effect while tls.enabled (--tls) is off',
    ],
    [
      'trust without TLS',
      { tlsInsecure: true },
      '--tls-insecure: has no effect while tls.enabled (--tls) is off',
    ],
    [
      'protocols without TLS',
      { tlsAlpn: 'h2' },
      '--tls-alpn: has no effect while tls.enabled (--tls) is off',
    ],
  ])('refuses keys that contradict each other: %s', (_, flags, fault) => {
    const faults = faultsOf({ flags });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('does not report a slip twice', () => {
    expect(faultsOf({ yaml: 'durration: 1m\nwarmup: 30s' })).toHaveLength(1);
    expect(faultsOf({ yaml: 'duration: 60\nwarmup: 30s' })).toHaveLength(1);
    expect(faultsOf({ yaml: 'duration: [', flags: { warmup: '30s' } })).toHaveLength(1);
    expect(faultsOf({ env: { TIDEMARK_DURATOIN: '1m' }, flags: { warmup: '30s' } })).toHaveLength(1);
  });

  it('finds contradictions beside other faults', () => {
    expect(faultsOf({ yaml: 'seed: x\nduration: 1s\nwarmup: 1s' })).toEqual([
      'plan.yaml:1:7 seed: must be a whole number, current value is "x"',
      'plan.yaml:3:9 warmup: must be shorter than duration (--duration), which is 1s, current value is 1s',
    ]);
  });

  it('holds a message file to the rules of a message', () => {
    const directory = scratchDirectory();
    const file = join(directory, 'message');
    writeFileSync(file, 'a\nb');
    mkdirSync(join(directory, 'folder'));
    const faultOf = (flags: Record<string, unknown>): string => faultsOf({ flags }).join('\n');
    expect(load({ flags: { messageFile: file } }).payload).toMatchObject({ size: null, file });
    expect(faultOf({ messageFile: file, frame: 'delim:\\n' })).toContain('must not hold the delimiter');
    expect(faultOf({ messageFile: file, frame: 'fixed:4' })).toContain('must have exactly the 4B of fixed:4');
    expect(faultOf({ messageFile: file, frameMax: '2B' })).toMatch(
      /^--message-file: must have at most 2B, .* has 3B/,
    );
    expect(faultOf({ messageFile: join(directory, 'none') })).toMatch(
      /cannot be read: ENOENT from stat, .*none$/,
    );
    expect(faultOf({ messageFile: join(directory, 'folder') })).toContain('must be a regular file');
  });
});
