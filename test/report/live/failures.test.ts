import { expect, test } from 'vitest';

import { countFailures, failuresIn } from '../../../src/report/live/failures.ts';
import { mergedInterval } from '../../support/sample-merged.ts';

test('failuresIn names what went wrong, most frequent first, and leaves out what the plan wanted', () => {
  const { counters } = mergedInterval(0, {
    counts: {
      'dial:connected': 10,
      'dial:refused': 2,
      'dial:abandoned': 1,
      'session:closed-by-plan': 3,
      'session:read-timeout': 5,
      framesCorrupt: 1,
    },
  });
  expect(failuresIn(counters)).toEqual([
    { name: 'read-timeout', count: 5 },
    { name: 'dial refused', count: 2 },
    { name: 'frames corrupt', count: 1 },
  ]);
  expect(countFailures(counters)).toBe(8);
});
