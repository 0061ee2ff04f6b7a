import { expect, test } from 'vitest';

import { loadProfile } from '../../src/profile/load-profile.ts';
import { ProfileError } from '../../src/profile/profile-fault.ts';

function load(sets: string[]): unknown {
  return loadProfile({ name: 'push', text: null, file: null }, {}, {}, ['load.send=off', ...sets]);
}

test('load.send takes off beside heartbeats that are matched by id, and beside nothing that sends', () => {
  expect(load([])).toMatchObject({ load: { send: 'off' } });
  expect(load(['heartbeat.every=1s', 'match.mode=id'])).toMatchObject({ heartbeat: { everyUs: 1e6 } });
});

test.each([
  [['load.rate=5/s'], 'cannot be off beside load.rate'],
  [['load.think=5ms'], 'cannot be off beside load.rate'],
  [['load.window=4'], 'cannot be off beside load.window'],
  [['heartbeat.every=1s'], 'set match.mode (--match) to id'],
])('load.send refuses off beside %s', (sets, expected) => {
  expect(() => load(sets)).toThrow(ProfileError);
  expect(() => load(sets)).toThrow(expected);
});

const STAMPED = 'payload.pushStamp=u64be@4/us/monotonic';

test('payload.pushStamp takes a time that every frame has room for', () => {
  expect(load([STAMPED])).toMatchObject({ payload: { pushStamp: 'u64be@4/us/monotonic' } });
  expect(load([STAMPED, 'frame.format=fixed:12', 'frame.maxBytes=12B'])).toMatchObject({});
});

test.each([
  [['load.send=on'], 'load.send is on; set that to off, or drop payload.pushStamp'],
  [['frame.format=none'], 'needs frames, and frame.format (--frame) none is a byte stream'],
  [['frame.format=delim:\\n'], 'which a binary time may hold'],
  [['frame.format=fixed:11'], 'limit to 11B, and it ends at 12B'],
  [['frame.maxBytes=11B'], 'limit to 11B, and it ends at 12B'],
  [['payload.pushStamp=u64@4/us/monotonic'], '"u64" is no width; it reads like u64be@0/us/monotonic'],
])('payload.pushStamp refuses %s', (sets, expected) => {
  expect(() => load([STAMPED, ...sets])).toThrow(ProfileError);
  expect(() => load([STAMPED, ...sets])).toThrow(expected);
});
