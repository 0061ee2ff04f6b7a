import { expect, test } from 'vitest';
import {
  formatBytes,
  formatBytesPerSecond,
  formatCount,
  formatSeconds,
  formatShort,
  formatUs,
} from '../../src/report/human.ts';

test.each([
  [0, '0us'],
  [7, '7us'],
  [999.4, '999us'],
  [999.6, '1ms'],
  [1234, '1.23ms'],
  [45_678, '45.7ms'],
  [999_499, '999ms'],
  [999_500, '1s'],
  [61_000_000, '61s'],
  [3_600_000_000, '3,600s'],
])('formatUs of %d is %s', (us, text) => {
  expect(formatUs(us)).toBe(text);
});

test.each([
  [0, '0s'],
  [0.004, '4ms'],
  [9.876, '9.88s'],
  [59.96, '60s'],
  [60, '1m00s'],
  [125.4, '2m05s'],
  [3599.7, '1h00m'],
  [7385, '2h03m'],
  [273_600, '3d04h'],
])('formatSeconds of %d is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [0, '0'],
  [0.25, '0.25'],
  [850, '850'],
  [999.9, '1k'],
  [41_152, '41.2k'],
  [2_500_000, '2.5M'],
  [7e9, '7G'],
])('formatShort of %d is %s', (value, text) => {
  expect(formatShort(value)).toBe(text);
});

test('formatBytesPerSecond counts in powers of 1000', () => {
  expect([12, 1024, 2_798_349, 3.2e9].map(formatBytesPerSecond)).toEqual([
    '12 B/s',
    '1.02 kB/s',
    '2.8 MB/s',
    '3.2 GB/s',
  ]);
});

test('formatBytes counts in powers of 1000', () => {
  expect([0, 25_276_510_208].map(formatBytes)).toEqual(['0 B', '25.3 GB']);
});

test('formatCount shows every digit', () => {
  expect([0, 999, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,234,567']);
});
