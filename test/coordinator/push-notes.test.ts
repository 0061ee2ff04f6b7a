import { describe, expect, test } from 'vitest';

import { pushNotes } from '../../src/coordinator/push-notes.ts';
import { COUNTER, newCounters } from '../../src/measure/counters.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

function listening(stamp: string | null, target: string = '127.0.0.1:7000'): Profile {
  const sets = stamp === null ? [] : [`payload.pushStamp=${stamp}`];
  const flags = { target };
  return loadProfile({ name: 'push', text: null, file: null }, {}, flags, ['load.send=off', ...sets]);
}

describe('pushNotes', () => {
  test('has nothing to say of frames without a stamp, or with one of this very clock', () => {
    const counters = newCounters();
    expect(pushNotes(listening(null), counters)).toEqual([]);
    for (const target of ['127.0.0.1:7000', '[::1]:7000', 'localhost:7000', 'unix:/run/x.sock']) {
      expect(pushNotes(listening('u64be@0/us/monotonic', target), counters)).toEqual([]);
    }
  });

  test('says that the wall clocks of two machines differ', () => {
    expect(pushNotes(listening('u64be@0/ms/wall'), newCounters())).toEqual([
      expect.stringContaining("held against the target's wall clock"),
    ]);
  });

  test('says that a monotonic clock is of one machine, where the target may be another', () => {
    expect(pushNotes(listening('u64be@0/us/monotonic', '10.0.0.7:7000'), newCounters())).toEqual([
      expect.stringContaining('it holds only if 10.0.0.7:7000 is this machine'),
    ]);
  });

  test('counts stamps that lay ahead, and frames without room for one', () => {
    const counters = newCounters();
    counters[COUNTER.framesPushed] = 10;
    counters[COUNTER.framesPushAhead] = 3;
    counters[COUNTER.framesPushUnstamped] = 2;
    const [ahead, unstamped] = pushNotes(listening('u64be@0/us/monotonic'), counters);
    expect(ahead).toMatch(/^3 of 10 pushed frames carry a time that was still to come/);
    expect(unstamped).toMatch(/^2 of 10 pushed frames were too short for payload.pushStamp/);
  });
});
