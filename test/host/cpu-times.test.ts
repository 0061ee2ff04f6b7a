import { expect, test } from 'vitest';

import { cpuTimes, stealShare } from '../../src/host/cpu-times.ts';

const STAT = 'cpu  100 5 40 800 10 1 2 42 7 3\ncpu0 50 2 20 400 5 0 1 21 3 1\nintr 1 2 3\n';

test('cpuTimes adds the states of all processors up, and guests once only', () => {
  expect(cpuTimes(() => STAT)).toEqual({ total: 1000, steal: 42 });
});

test.each([
  ['no such file', ''],
  ['a kernel that does not count steal', 'cpu  100 5 40 800\n'],
  ['single processors alone', 'cpu0 50 2 20 400 5 0 1 21 3 1\n'],
])('cpuTimes is unknown with %s', (_, text) => {
  expect(cpuTimes(() => text)).toBeNull();
});

test('cpuTimes reads this machine', () => {
  expect(cpuTimes()?.total).toBeGreaterThan(0);
});

const EARLIER = { total: 1000, steal: 42 };

test.each([
  ['the share of what passed', EARLIER, { total: 1100, steal: 67 }, 0.25],
  ['unknown where no tick passed', EARLIER, EARLIER, null],
  ['unknown where a side is', null, EARLIER, null],
  ['unknown where the other side is', EARLIER, null, null],
])('stealShare is %s', (_, before, after, share) => {
  expect(stealShare(before, after)).toBe(share);
});
