import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countsOf, newMicrosecondCounts } from '../../src/measure/microsecond-counts.ts';
import { INDEX_COUNT, RECORDED_US_MAX, indexOfUs } from '../../src/measure/time-index.ts';

test('indexOfUs is the index that hdr-histogram-js gives, at every power of two and in between', () => {
  const histogram = newMicrosecondCounts();
  for (let power = 1; power <= RECORDED_US_MAX; power *= 2) {
    for (const us of [power - 1, power, power + 1])
      expect(indexOfUs(us)).toBe(histogram.countsArrayIndex(us));
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: RECORDED_US_MAX }), (us) => {
      expect(indexOfUs(us)).toBe(histogram.countsArrayIndex(us));
    }),
    { numRuns: 2000 },
  );
});

test('INDEX_COUNT is the size of the histograms that deltas are added to', () => {
  expect(countsOf(newMicrosecondCounts())).toHaveLength(INDEX_COUNT);
});
