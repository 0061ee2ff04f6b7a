import { expect, test } from 'vitest';
import { deltaOn, judgeChange } from '../../../src/analysis/compare/judge-change.ts';

test.each([
  ['within delta on both sides', -0.04, 0.04, 'same'],
  ['within delta, leaving out 0', 0.01, 0.04, 'same'],
  ['exactly delta', -0.05, 0.05, 'same'],
  ['beyond delta, leaving out 0', 0.02, 0.2, 'worse'],
  ['the other way', -0.2, -0.02, 'better'],
  ['leaving out 0, its middle below delta', 0.001, 0.06, 'inconclusive'],
  ['holding 0', -0.01, 0.3, 'inconclusive'],
  ['without bounds', -Infinity, Infinity, 'inconclusive'],
])('an interval %s', (_, low, high, verdict) => {
  const value = Number.isFinite(low) ? (low + high) / 2 : 0.3;
  expect(judgeChange({ value, low, high }, 0.05, 'lower')).toBe(verdict);
});

test('more is better where more is wanted', () => {
  expect(judgeChange({ value: 0.1, low: 0.05, high: 0.15 }, 0.05, 'higher')).toBe('better');
});

test('deltaOn is a logarithm for ratios, and a difference for shares', () => {
  const rules = { delta: 0.05, deltaBad: 0.001 };
  expect(deltaOn('ratio', rules)).toBeCloseTo(Math.log(1.05), 12);
  expect(deltaOn('difference', rules)).toBe(0.001);
});
