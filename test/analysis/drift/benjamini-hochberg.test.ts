import { expect, test } from 'vitest';
import { discoveryBound } from '../../../src/analysis/drift/benjamini-hochberg.ts';

test('discoveryBound accepts the four findings of the example that the method was published with', () => {
  // Source: Y. Benjamini, Y. Hochberg, J. R. Stat. Soc. B 57 (1995), section 4.
  const ps = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  expect(discoveryBound(ps.toReversed(), 0.05)).toBe(0.0095);
});

test('discoveryBound accepts nothing where nothing is small, or nothing was tested', () => {
  expect(discoveryBound([0.2, 0.5, 0.9], 0.01)).toBe(0);
  expect(discoveryBound([], 0.01)).toBe(0);
});
