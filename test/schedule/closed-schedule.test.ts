import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ClosedSchedule } from '../../src/schedule/closed-schedule.ts';

describe('ClosedSchedule', () => {
  test('has its whole window due at the start, then nothing until a frame is done', () => {
    const schedule = new ClosedSchedule({ window: 3, thinkUs: 0, startUs: 500 });
    expect(takeDue(schedule, 500)).toEqual([500, 500, 500]);
    expect(schedule.nextUs).toBe(Infinity);
    schedule.completed(700);
    schedule.completed(710);
    expect(takeDue(schedule, 710)).toEqual([700, 710]);
  });

  test('has the next frame due a think time after the one before it is done', () => {
    const schedule = new ClosedSchedule({ window: 1, thinkUs: 250, startUs: 0 });
    schedule.advance();
    schedule.completed(1000);
    expect(schedule.nextUs).toBe(1250);
    expect(takeDue(schedule, 1249)).toEqual([]);
    expect(takeDue(schedule, 1250)).toEqual([1250]);
  });

  test('never has more frames in flight than its window, and due times in the order of completion', () => {
    const run = fc.record({
      window: fc.integer({ min: 1, max: 9 }),
      thinkUs: fc.nat(1000),
      steps: fc.array(fc.record({ waitUs: fc.nat(800), complete: fc.nat(9) }), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(run, ({ window, thinkUs, steps }) => {
        const schedule = new ClosedSchedule({ window, thinkUs, startUs: 0 });
        const owed = Array.from({ length: window }, () => 0);
        let inFlight = 0;
        let nowUs = 0;
        for (const { waitUs, complete } of steps) {
          nowUs += waitUs;
          for (const dueUs of takeDue(schedule, nowUs)) {
            expect(dueUs).toBe(owed.shift());
            inFlight++;
          }
          expect(inFlight).toBeLessThanOrEqual(window);
          for (let i = Math.min(complete, inFlight); i > 0; i--, inFlight--) {
            schedule.completed(nowUs);
            owed.push(nowUs + thinkUs);
          }
          expect(schedule.nextUs).toBe(owed[0] ?? Infinity);
        }
      }),
    );
  });

  test('crashes on a window of none, on a frame that is not due and on one that was not in flight', () => {
    expect(() => new ClosedSchedule({ window: 0, thinkUs: 0, startUs: 0 })).toThrow('window');
    const schedule = new ClosedSchedule({ window: 1, thinkUs: 0, startUs: 0 });
    expect(() => schedule.completed(0)).toThrow('in flight');
    schedule.advance();
    expect(() => schedule.advance()).toThrow('due');
  });
});

/** Intended starts of all frames that are due at `nowUs`. */
function takeDue(schedule: ClosedSchedule, nowUs: number): number[] {
  const dueUs: number[] = [];
  for (; schedule.nextUs <= nowUs; schedule.advance()) dueUs.push(schedule.nextUs);
  return dueUs;
}
