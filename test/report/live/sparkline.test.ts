import { expect, test } from 'vitest';

import { sparkline } from '../../../src/report/live/sparkline.ts';

test.each([
  ['nothing of no values', [], ''],
  ['spaces where there was none', [null, null], '  '],
  ['each factor alike, since its scale is logarithmic', [1, 10, 100, 1000], '▁▃▆█'],
  ['a gap between values', [100, null, 1000], '▁ █'],
  ['little of little differences', [100, 110, 105], '▁▁▁'],
  ['a zero as the lowest', [0, 10, 100], '▁▁█'],
])('sparkline shows %s', (_, values, line) => {
  expect(sparkline(values)).toBe(line);
});
