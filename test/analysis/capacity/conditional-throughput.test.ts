import { expect, test } from 'vitest';

import { conditionalThroughput } from '../../../src/analysis/capacity/conditional-throughput.ts';
import { GOAL } from '../../support/simulated-search.ts';

test.each([
  ['the median of five', [0.01, 0, 0.02, 0.5, 1], 0.98],
  ['three that passed, and two that were not needed', [0, 0.001, 0.002], 0.998],
  ['two of five so far', [0, 0], 0],
  ['none lost', [0, 0, 0, 0, 0], 1],
])('conditionalThroughput of %s', (_, ratios, share) => {
  expect(conditionalThroughput(1000, ratios, GOAL)).toBeCloseTo(1000 * share, 9);
});
