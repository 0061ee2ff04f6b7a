import { expect, test } from 'vitest';

import { COUNTER } from '../../../src/measure/counters.ts';
import { LastMinute } from '../../../src/report/live/last-minute.ts';
import { mergedInterval } from '../../support/sample-merged.ts';

function minuteAfter(seconds: number): LastMinute {
  const minute = new LastMinute();
  for (let second = 0; second < seconds; second++) {
    const { startUs, endUs, counters, histograms, health } = mergedInterval(second, {
      counts: { framesMatched: 1 },
      response: [(second + 1) * 1000],
    });
    minute.add({ startUs, endUs, counters, health, response: histograms.get('response')?.compact() ?? null });
  }
  return minute;
}

test('LastMinute covers what there is of a run that is younger', () => {
  const minute = minuteAfter(5);
  expect(minute.seconds).toBe(5);
  expect(minute.counters[COUNTER.framesMatched]).toBe(5);
  expect(minute.response()).toMatchObject({ count: 5, min: 1000, max: 5000 });
});

test('LastMinute forgets what is older, however long the run', () => {
  const minute = minuteAfter(500);
  expect(minute.seconds).toBe(60);
  expect(minute.counters[COUNTER.framesMatched]).toBe(60);
  expect(minute.response()).toMatchObject({ count: 60, min: 441_000, max: 500_000 });
});

test('LastMinute says nothing of seconds without a reply', () => {
  const minute = new LastMinute();
  const { startUs, endUs, counters } = mergedInterval(0);
  minute.add({ startUs, endUs, counters, health: null, response: null });
  expect(minute.response()).toMatchObject({ count: 0, p99: null });
  expect(minute.health).toEqual([]);
});
