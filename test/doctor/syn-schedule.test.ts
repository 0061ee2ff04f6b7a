import { expect, test } from 'vitest';

import { retriesFor, synSchedule } from '../../src/doctor/syn-schedule.ts';

test.each<[string, number, number, number[], number]>([
  // Measured on Linux 6.18: 0, 1.03, 2.05, 3.07, 4.10, 5.12, 7.14, 11.3, 19.5, 35.6, 69.2, ETIMEDOUT at 134.7 s.
  ['the defaults since Linux 6.5', 6, 4, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67], 131],
  ['the defaults before: tcp(7) tells 127 s', 6, 0, [0, 1, 3, 7, 15, 31, 63], 127],
  ['one repeat', 1, 0, [0, 1], 3],
  // Measured on Linux 6.18, every SYN dropped: ETIMEDOUT at 4.07, 3.07, 7.12 and 19.35 s.
  ['one retry and one linear repeat', 1, 1, [0, 1, 2], 4],
  ['one retry beside linear ones: they make no dial longer', 1, 4, [0, 1, 2], 3],
  ['two retries beside linear ones', 2, 4, [0, 1, 2, 3, 4, 5], 7],
  ['three retries beside linear ones, up to the next timer', 3, 4, [0, 1, 2, 3, 4, 5, 7, 11], 19],
  ['waits that grow to 120 s and no further', 9, 0, [0, 1, 3, 7, 15, 31, 63, 127, 247, 367], 487],
])('synSchedule has %s', (_, retries, linear, sentAtSeconds, timeoutSeconds) => {
  expect(synSchedule(retries, linear)).toEqual({ sentAtSeconds, timeoutSeconds });
});

test.each<[string, number, number, number | null]>([
  ['exactly as long', 127, 0, 6],
  ['a little longer', 127.5, 0, 7],
  ['at least one', 0.5, 4, 1],
  ['5 s, which one retry does not for all its linear repeats', 5, 4, 2],
  ['10 s', 10, 4, 3],
  ['as long as linear repeats help', 131, 4, 6],
  ['an hour', 3600, 0, 35],
  ['longer than can be set', 1e6, 4, null],
])('retriesFor finds the retries that last %s', (_, seconds, linear, retries) => {
  expect(retriesFor(seconds, linear)).toBe(retries);
});
