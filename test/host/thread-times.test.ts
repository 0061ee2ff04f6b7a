import { expect, test } from 'vitest';

import { threadTimes } from '../../src/host/thread-times.ts';

test('threadTimes reads nanoseconds on a processor and in the queue as microseconds', () => {
  expect(threadTimes(() => '824681045 166105147 1390\n')).toEqual({
    cpuUs: 824_681.045,
    waitUs: 166_105.147,
  });
});

test.each([
  ['a system without the file', ''],
  ['a kernel that does not count', '0 0 12\n'],
  ['another form', 'schedstat\n'],
])('threadTimes knows nothing of %s', (_, text) => {
  expect(threadTimes(() => text)).toBeNull();
});

test.runIf(process.platform === 'linux')('threadTimes sees the calling thread work', (context) => {
  const before = threadTimes();
  context.skip(before === null, 'this kernel has no scheduler statistics');
  const untilMs = performance.now() + 50;
  while (performance.now() < untilMs);
  const after = threadTimes();
  const cpuUs = (after?.cpuUs ?? 0) - (before?.cpuUs ?? 0);
  const waitUs = (after?.waitUs ?? 0) - (before?.waitUs ?? 0);
  expect(cpuUs).toBeGreaterThan(0);
  expect(cpuUs + waitUs).toBeGreaterThan(30_000);
});
