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
const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).map(formatBytes);
const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/\p{C}/u.test(text));
const toggle = fc.constantFrom('on', 'off', 'true', 'false');

/** Values that contradict none of the others, by `--set` path. */
const anySets = fc
  .tuple(
    fc.record(
      {
        target: fc.constantFrom('127.0.0.1:1', '[::1]:7000', 'unix:/run/a b.sock'),
        label: word,
        duration,
        warmup: shortTime,
        seed: fc.maxSafeNat().map(String),
        engine: fc.constantFrom('auto', 'node', 'epoll'),
        'connections.count': fc.integer({ min: 64, max: 10_000 }).map(String),
        'connections.ramp': shortTime,
        'frame.maxBytes': fc.integer({ min: 4096, max: 2 ** 28 }).map(formatSize),
        'payload.stamp': fc.constantFrom('auto', 'off'),
        'preface.send': bytes,
        'preface.expect': bytes,
        'preface.timeout': shortTime,
        'match.mode': fc.constantFrom('fifo', 'none'),
        'timeouts.read': shortTime,
        'timeouts.drain': shortTime,
        'socket.noDelay': toggle,
        'safety.allowPublic': toggle,
        'safety.allowedTargets': fc.constantFrom('a.example', 'a.example,b.example', ''),
      },
      { requiredKeys: ['duration', 'connections.count'] },
    ),
    fc.constantFrom({}, { workers: '64' }),
    fc.oneof(
      fc.record({ 'load.rate': rate }),
      fc.record({ 'load.totalRate': rate, 'load.window': fc.constantFrom('1', '8', '65536') }),
      fc.record({ 'load.think': shortTime }),
    ),
    fc.oneof(
      fc.record({ 'payload.size': fc.constantFrom('64B', 'uniform:1B..2KiB', 'exponential:100B') }),
      fc.record({ 'payload.message': bytes }),
      fc.constant({ 'frame.format': 'fixed:200' }),
      fc.constant({ 'frame.format': 'none', 'match.mode': 'none' }),
      fc.constant({ 'frame.format': 'u32le@4/16+header', 'frame.header': 'hex:00112233445566778899aabb' }),
    ),
    fc.constantFrom({}, { 'tls.enabled': 'on', 'tls.alpn': 'h2,x', 'tls.ca': '~', 'tls.insecure': 'on' }),
  )
  .map((parts) =>
    Object.entries(Object.assign({}, ...parts)).map(([path, value]) => `${path}=${String(value)}`),
  );

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
    expect(text).toContain('load:\n  think: 0s\n  rate: 1k/s\n');
    expect(text).toContain('payload:\n  size: 64B\n  stamp: on\n');
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
