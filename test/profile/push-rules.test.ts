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
