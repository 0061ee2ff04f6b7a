import { expect, test } from 'vitest';

import { clockNotes } from '../../src/coordinator/clock-notes.ts';
import { RunClocks, wallAheadSeconds } from '../../src/coordinator/run-clocks.ts';
import type { ClockShift } from '../../src/host/clock-watch.ts';
import type { ClockEvent } from '../../src/store/run-event.ts';
import { mergedInterval } from '../support/sample-merged.ts';

const STILL: ClockShift = { sleptUs: 0, wallSetUs: 0 };

/** A run's clocks, which do what a test says, second by second. */
function clocksOf(shifts: readonly Partial<ClockShift>[], before: ClockEvent[] = []) {
  const recorded: ClockEvent[] = [];
  let at = 0;
  const clocks = new RunClocks({
    watch: { take: () => ({ ...STILL, ...shifts[at++] }) },
    aftermathUs: 2e6,
    before,
    record: (event) => recorded.push(event),
  });
  const marks = shifts.map((_, index) => {
    const interval = mergedInterval(index);
    clocks.mark(interval);
    return interval.sleptUs;
  });
  return { clocks, recorded, marks };
}

test('RunClocks marks the interval of a sleep, and those in which connections that died of it are found out', () => {
  const { clocks, recorded, marks } = clocksOf([{}, {}, { sleptUs: 3.6e9 }, {}, {}, {}]);
  expect(marks).toEqual([undefined, undefined, 3.6e9, 3.6e9, 3.6e9, undefined]);
  expect(recorded).toEqual([{ atSeconds: 3, clock: 'slept', seconds: 3600 }]);
  expect(clocks.events).toEqual(recorded);
});

test('RunClocks records a wall clock that was set and leaves the intervals alone', () => {
  const { recorded, marks } = clocksOf([{ wallSetUs: -5e9 }, {}]);
  expect(marks).toEqual([undefined, undefined]);
  expect(recorded).toEqual([{ atSeconds: 1, clock: 'set', seconds: -5000 }]);
});

test('RunClocks keeps what a run that is resumed had noticed before, and counts what is too much to keep', () => {
  const before: ClockEvent[] = [{ atSeconds: 7, clock: 'slept', seconds: 10 }];
  const { clocks, recorded } = clocksOf(
    Array.from({ length: 1002 }, () => ({ wallSetUs: 1e6 })),
    before,
  );
  expect(clocks.events[0]).toEqual(before[0]);
  expect(clocks.events).toHaveLength(1000);
  expect(recorded).toHaveLength(999);
  expect(clocks.more).toBe(3);
  expect(wallAheadSeconds(clocks.events)).toBe(10 + 999);
});

test('clockNotes say what happened to a reader who must date an interval', () => {
  const events: ClockEvent[] = [
    { atSeconds: 723.04, clock: 'slept', seconds: 3600 },
    { atSeconds: 800, clock: 'set', seconds: -1.25 },
    { atSeconds: 801, clock: 'set', seconds: 7200 },
  ];
  expect(clockNotes(events)).toEqual([
    "the machine slept for 1h at 723s of the run: the run's times leave that out, and connections may have died of it",
    "the wall clock was set back by 1.25s at 800s of the run: the run's times do not follow it",
    "the wall clock was set forward by 2h at 801s of the run: the run's times do not follow it",
  ]);
  const many = Array.from({ length: 8 }, () => events.at(0)!);
  expect(clockNotes(many, 2)).toHaveLength(6);
  expect(clockNotes(many, 2).at(-1)).toContain('5 more times');
});
