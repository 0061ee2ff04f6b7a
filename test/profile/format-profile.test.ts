import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/base/byte-text.ts';
import { formatDuration, formatRate, formatSize } from '../../src/base/units.ts';
import { formatProfile, profileToJson } from '../../src/profile/format-profile.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { findProfile } from '../../src/profile/profile-file.ts';
import type { Profile } from '../../src/profile/profile.ts';

const reload = (text: string): Profile => loadProfile({ name: 'reloaded', text, file: null }, {}, {}, []);

const duration = fc.integer({ min: 11_000_000, max: 1e12 }).map(formatDuration);
const shortTime = fc.integer({ min: 1, max: 10_000_000 }).map(formatDuration);
const rate = fc.double({ min: 0.001, max: 1e9, noNaN: true }).map(formatRate);
/** What 64 connections carry with a single frame in flight on each. */
const windowedRate = fc.double({ min: 0.001, max: 1e6, noNaN: true }).map(formatRate);
/** As many as fit into the shortest duration. */
const stages = fc
  .array(
    fc
      .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.option(rate), fc.integer({ min: 0, max: 10_000 }))
      .map(([us, to, count]) => `${formatDuration(us)}:${to ?? count}${to === null ? '' : `:${count}`}`),
    { maxLength: 11 },
  )
  .map((list) => list.join(','));

/** Stages lead to connections here, and say themselves when each is dialled. */
function withoutRamp(sets: Record<string, string>): Record<string, string> {
  const { 'connections.ramp': ramp, ...others } = sets;
  return ramp === undefined || sets['stages'] ? others : sets;
}

function withoutRates(sets: { stages: string; 'load.think': string }): Record<string, string> {
  return { ...sets, stages: sets.stages.replace(/:[^:,]+\/[smh]/g, '') };
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).map(formatBytes);
const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/\p{C}/u.test(text));
const toggle = fc.constantFrom('on', 'off', 'true', 'false');

const bufferSize = fc.integer({ min: 1, max: 2 ** 30 }).map(formatSize);
const seconds = fc.integer({ min: 1, max: 32_767 }).map((count) => formatDuration(count * 1e6));
const keepAlive = fc
  .tuple(seconds, seconds, fc.integer({ min: 1, max: 127 }))
  .map((parts) => parts.join('/'));

/** What only the epoll engine can carry out. */
const socketSets = fc.record(
  {
    engine: fc.constantFrom('auto', 'epoll'),
    'connections.sourceIps': fc.constantFrom('127.0.0.2', '127.0.0.2-127.0.0.9,::1,127.0.1.0/29', ''),
    'socket.rcvbuf': bufferSize,
    'socket.sndbuf': bufferSize,
    'socket.quickAck': toggle,
    'socket.linger': fc.oneof(seconds, fc.constantFrom('0', '0s')),
    'socket.keepalive': keepAlive,
    'socket.userTimeout': fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((ms) => formatDuration(ms * 1000)),
    'socket.congestion': fc.stringMatching(/^[a-z0-9_-]{1,15}$/),
    'socket.tos': fc.integer({ min: 0, max: 255 }).map(String),
    'socket.notSentLowat': bufferSize,
  },
  { requiredKeys: [] },
);

/** Values that contradict none of the others, by `--set` path. */
const anySets = fc
  .tuple(
    fc.record(
      {
        label: word,
        duration,
        warmup: shortTime,
        seed: fc.maxSafeNat().map(String),
        'connections.lifetime': fc.oneof(
          shortTime,
          fc.integer({ min: 1, max: 1e6 }).map((count) => `${count} frames`),
          shortTime.map((mean) => `exp:${mean}`),
        ),
        'connections.reconnect': fc.constantFrom('none', 'immediate', 'backoff'),
        'connections.close': fc.constantFrom('fin', 'reset', 'half'),
        'connections.count': fc.integer({ min: 64, max: 10_000 }).map(String),
        'connections.ramp': shortTime,
        'frame.maxBytes': fc.integer({ min: 4096, max: 2 ** 28 }).map(formatSize),
        'payload.stamp': fc.constantFrom('auto', 'off'),
        'preface.send': bytes,
        'preface.expect': bytes,
        'preface.timeout': shortTime,
        'load.pacing': fc.constantFrom('precise', 'balanced', 'frugal'),
        'timeouts.read': shortTime,
        'timeouts.drain': shortTime,
        'socket.noDelay': toggle,
        thresholds: fc.constantFrom('sendLag.p99.9<20ms,dials.refused == 0', 'errors.rate <= 0.1%', ''),
        'safety.allowPublic': toggle,
        'safety.allowedTargets': fc.constantFrom('a.example', 'a.example,b.example', ''),
      },
      { requiredKeys: ['duration', 'connections.count'] },
    ),
    fc.constantFrom({}, { workers: '64' }),
    fc.oneof(
      fc.record({ 'load.rate': rate }),
      fc.record({ 'load.totalRate': windowedRate, 'load.window': fc.constantFrom('1', '8', '65536') }),
      fc.record({ 'load.totalRate': rate, 'load.arrivals': fc.constantFrom('constant', 'poisson'), stages }),
      fc.record({ stages, 'load.think': shortTime }).map(withoutRates),
      fc.record({ 'load.think': shortTime }),
    ),
    fc.oneof(
      fc.record({ 'payload.size': fc.constantFrom('64B', 'uniform:1B..2KiB', 'exponential:100B') }),
      fc.record({ 'payload.message': bytes }),
      fc.constant({ 'frame.format': 'fixed:200' }),
      fc.constant({ 'frame.format': 'u32le@4/16+header', 'frame.header': 'hex:00112233445566778899aabb' }),
    ),
    fc.oneof(
      fc.record(
        { 'heartbeat.every': shortTime, 'heartbeat.timeout': shortTime },
        { requiredKeys: ['heartbeat.every'] },
      ),
      fc.record({ 'match.mode': fc.constantFrom('fifo', 'none') }),
      fc.constant({ 'frame.format': 'none', 'frame.header': 'null', 'match.mode': 'none' }),
    ),
    fc.oneof(
      fc.record(
        {
          target: fc.constantFrom('127.0.0.1:1', '[::1]:7000', 'unix:/run/a b.sock'),
          engine: fc.constantFrom('auto', 'node', 'epoll'),
        },
        { requiredKeys: [] },
      ),
      fc.constant({ 'tls.enabled': 'on', 'tls.alpn': 'h2,x', 'tls.ca': '~', 'tls.insecure': 'on' }),
      socketSets,
    ),
  )
  .map((parts) => withoutRamp(Object.assign({}, ...parts)))
  .map((sets) => Object.entries(sets).map(([path, value]) => `${path}=${value}`));

describe('formatProfile', () => {
  it('writes what loads back to the same profile', () => {
    fc.assert(
      fc.property(anySets, (sets) => {
        const profile = loadProfile({ name: 'plan', text: null, file: null }, {}, {}, sets);
        expect(reload(formatProfile(profile))).toEqual(profile);
      }),
    );
  });

  it('writes units and settled defaults', () => {
    const profile = loadProfile(findProfile('smoke'), {}, { rate: '1k/s' }, []);
    const text = formatProfile(profile);
    expect(text).toContain('duration: 10s\n');
    expect(text).toContain('connections:\n  count: 50\n  concurrentDials: 100\n');
    expect(text).toContain(
      'load:\n  think: 0s\n  rate: 1k/s\n  send: on\n  arrivals: constant\n  pacing: precise\n',
    );
    expect(text).toContain('payload:\n  size: 64B\n  stamp: on\n');
  });
});

describe('formatProfile of the connections', () => {
  it('writes lifetime, heartbeat and socket options as a user would', () => {
    const profile = loadProfile(
      { name: 'plan', text: null, file: null },
      {},
      {
        sourceIp: '127.0.0.2-127.0.0.9,::1',
        connectionLifetime: '100frames',
        reconnect: 'immediate',
        close: 'half',
        heartbeat: '10s',
        heartbeatPayload: 'PING\\n',
        quickack: 'off',
        linger: '0',
        keepalive: '60s/1000ms/3',
        userTimeout: '1500ms',
      },
      [],
    );
    const text = formatProfile(profile);
    expect(text).toContain(`  sourceIps:
    - 127.0.0.2-127.0.0.9
    - ::1
  lifetime: 100 frames
  reconnect: immediate
  close: half
`);
    expect(text).toContain('heartbeat:\n  every: 10s\n  payload: PING\\n\n  timeout: 5s\n');
    expect(text).toContain(`socket:
  noDelay: true
  quickAck: false
  linger: 0s
  keepalive: 1m/1s/3
  userTimeout: 1.5s
`);
    expect(reload(text)).toEqual(profile);
  });
});

describe('profileToJson', () => {
  it('has the same keys and values as the YAML', () => {
    const profile = loadProfile(findProfile('smoke'), {}, { tls: true, tlsAlpn: 'h2' }, []);
    const plain = profileToJson(profile);
    expect(plain).toMatchObject({
      label: 'smoke',
      connections: { count: 50 },
      load: { window: 1 },
      socket: { noDelay: true },
      tls: { enabled: true, alpn: ['h2'] },
    });
    expect(plain).not.toHaveProperty('target');
    expect(reload(JSON.stringify(plain))).toEqual(profile);
  });
});
