import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingWindow } from '../../../src/coordinator/threshold/sliding-window.ts';
import { COUNTER } from '../../../src/measure/counters.ts';
import { histogramsOf } from '../../support/sample-run.ts';
import { intervalOf } from './figures-support.ts';

test('SlidingWindow has the times and counts of its last intervals alone, as if they were one', () => {
  const interval = fc.record({
    times: fc.array(fc.integer({ min: 1, max: 10_000_000 }), { maxLength: 20 }),
    sent: fc.nat(1000),
    openMax: fc.nat(100),
  });
  fc.assert(
    fc.property(
      fc.array(interval, { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (intervals, seconds) => {
        const window = new SlidingWindow(seconds * 1e6, ['response']);
        intervals.forEach(({ times, sent, openMax }, at) => {
          window.add(
            intervalOf({
              at,
              times: { response: times },
              counters: { framesSent: sent },
              openMax,
              openAtEnd: at,
            }),
          );
          expect(window.isFull).toBe(at + 1 >= seconds);
          const last = intervals.slice(Math.max(0, at + 1 - seconds), at + 1);
          const whole = histogramsOf({ response: last.flatMap((one) => one.times) }).get('response');
          const observed = window.observed();
          expect(observed.histogram('response')?.percentileUs(99)).toBe(whole?.percentileUs(99) ?? null);
          expect(observed.histogram('response')?.maxUs).toBe(whole?.maxUs ?? null);
          expect(observed.histogram('response')?.meanUs).toBe(whole?.meanUs ?? null);
          expect(observed.counters[COUNTER.framesSent]).toBe(last.reduce((sum, one) => sum + one.sent, 0));
          expect(observed.openMax).toBe(Math.max(...last.map((one) => one.openMax)));
          expect(observed.openAtEnd).toBe(at);
          expect(observed.measured.seconds).toBe(last.length);
        });
      },
    ),
    { numRuns: 50 },
  );
});

test('SlidingWindow is longer by a part of an interval where the plan cut one, and never shorter', () => {
  const window = new SlidingWindow(2e6, []);
  window.add(intervalOf({ at: 0.5, end: 1 }));
  window.add(intervalOf({ at: 1 }));
  expect(window.isFull).toBe(false);
  window.add(intervalOf({ at: 2 }));
  expect(window.isFull).toBe(true);
  expect(window.observed().measured.seconds).toBe(2);
  window.add(intervalOf({ at: 3, end: 3.4 }));
  expect(window.observed().measured.seconds).toBe(2.4);
});
