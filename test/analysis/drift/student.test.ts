import { expect, test } from 'vitest';
import { studentProbability } from '../../../src/analysis/drift/student.ts';

test.each([
  { degrees: 1, t: 12.706, p: 0.05 },
  { degrees: 2, t: 9.925, p: 0.01 },
  { degrees: 4, t: 2.776, p: 0.05 },
  { degrees: 10, t: 4.587, p: 0.001 },
  { degrees: 30, t: 2.75, p: 0.01 },
])('studentProbability of t = $t with $degrees degrees is the tabulated $p', ({ degrees, t, p }) => {
  // Source: Abramowitz and Stegun, table 26.10.
  expect(Math.abs(studentProbability(t, degrees) / p - 1)).toBeLessThan(0.003);
});

test('studentProbability is 1 at 0, and has closed forms for one and two degrees', () => {
  expect(studentProbability(0, 5.5)).toBe(1);
  expect(studentProbability(3, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(3), 10);
  expect(studentProbability(3, 2)).toBeCloseTo(1 - 3 / Math.sqrt(11), 10);
});
