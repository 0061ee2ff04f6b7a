import { expect, test } from 'vitest';
import type { ComparedRun } from '../../../src/analysis/compare/compared-run.ts';
import { overlapping, pairInterleaved } from '../../../src/analysis/compare/pairing.ts';
import { syntheticRun } from '../../support/compared-runs.ts';

/** Runs in the order of time, for example `abba`. */
function runsOf(order: string): { a: ComparedRun[]; b: ComparedRun[] } {
  const runs = order.split('').map((side, place) => syntheticRun({ id: `${side}${place}`, place }));
  return { a: runs.filter(({ id }) => id.startsWith('a')), b: runs.filter(({ id }) => id.startsWith('b')) };
}

test.each([
  ['abba', ['a0b1', 'a3b2']],
  ['abab', ['a0b1', 'a2b3']],
  ['baab', ['a1b0', 'a2b3']],
  ['ab', ['a0b1']],
])('%s is paired', (order, pairs) => {
  const { a, b } = runsOf(order);
  expect(pairInterleaved(a, b)?.map((pair) => pair.a.id + pair.b.id)).toEqual(pairs);
});

test.each(['aabb', 'bbaa', 'abbaa', 'aab', 'abaabb'])('%s is not', (order) => {
  const { a, b } = runsOf(order);
  expect(pairInterleaved(a, b)).toBeNull();
});

test('runs that went on at the same time are no pairs, and are found', () => {
  const [a, b] = [syntheticRun({ id: 'a', place: 0 }), syntheticRun({ id: 'b', place: 0.5 })];
  expect(pairInterleaved([a], [b])).toBeNull();
  expect(overlapping([b, a])?.map(({ id }) => id)).toEqual(['a', 'b']);
});
