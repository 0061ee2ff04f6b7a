import { expect, test } from 'vitest';

import { studentQuantile } from '../../../src/analysis/statistics/student-quantile.ts';

// Source: the two-sided columns of every table of Student's t, for example NIST/SEMATECH e-Handbook, 1.3.6.7.2.
test.each([
  [1, 0.95, 12.706],
  [2, 0.95, 4.303],
  [4, 0.95, 2.776],
  [10, 0.95, 2.228],
  [30, 0.95, 2.042],
  [10, 0.99, 3.169],
  [100, 0.9, 1.66],
])('studentQuantile of %i degrees at %f is %f', (degrees, confidence, t) => {
  expect(studentQuantile(degrees, confidence)).toBeCloseTo(t, 3);
});
