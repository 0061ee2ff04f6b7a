import { expect, test } from 'vitest';

import { watchPid } from '../../src/cli/watch-pid.ts';

test.each(['0', '-1', '1.5', 'sshd', '', '99999999999'])(
  'watchPid refuses %j as no process number',
  (text) => {
    expect(() => watchPid(text)).toThrow('must be a process number above 0');
  },
);

// Above every limit that Linux has for process numbers (pid_max, 2^22).
test.skipIf(process.platform !== 'linux')('watchPid refuses a number that no process has', () => {
  expect(() => watchPid('9999999999')).toThrow('no process of this machine has that number');
});

test.skipIf(process.platform !== 'linux')('watchPid follows a process from reading to reading', () => {
  const log = watchPid(String(process.pid));
  expect(log.read(0, 1_000_000)).toMatchObject({ targetThreads: expect.any(Number) as number });
  log.read(1_000_000, 2_000_000);
  const { pid, residentBytes, cpus, endedAtSeconds } = log.summary();
  expect(pid).toBe(process.pid);
  expect(residentBytes?.max).toBeGreaterThan(1e6);
  expect(cpus?.first).toBeGreaterThanOrEqual(0);
  expect(endedAtSeconds).toBeNull();
});
