import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOf, load } from '../support/profile-sources.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

describe('PROFILE_RULES', () => {
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
    ['source-ip', { sourceIp: '127.0.0.1,nowhere' }],
    ['source-ip', { sourceIp: '127.0.0.0/8' }],
    ['source-ip', { sourceIp: '127.1.0.0/16,127.2.0.0/16' }],
    ['connection-lifetime', { connectionLifetime: '100' }],
    ['reconnect', { reconnect: 'later' }],
    ['backoff', { reconnect: 'backoff', backoff: '5s' }],
    ['connect-concurrency', { connectConcurrency: 'some' }],
    ['close', { close: 'rst' }],
    ['heartbeat', { heartbeat: '0s' }],
    ['heartbeat-payload', { heartbeat: '1s', heartbeatPayload: '\\q' }],
    ['heartbeat-timeout', { heartbeat: '1s', heartbeatTimeout: '0s' }],
    ['rcvbuf', { rcvbuf: '0B' }],
    ['rcvbuf', { rcvbuf: '65536' }],
    ['sndbuf', { sndbuf: '2GiB' }],
    ['quickack', { quickack: '1' }],
    ['linger', { linger: '1' }],
    ['keepalive', { keepalive: '10s/1s' }],
    ['user-timeout', { userTimeout: '0s' }],
    ['congestion', { congestion: 'CUBIC' }],
    ['tos', { tos: '256' }],
    ['tos', { tos: '0x10' }],
    ['notsent-lowat', { notsentLowat: '0B' }],
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
