import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { RECORDED_US_MAX } from '../../src/measure/time-index.ts';
import { Recorder } from '../../src/measure/recorder.ts';

function recorded(values: readonly number[]): Recorder {
  const recorder = new Recorder();
  for (const value of values) recorder.record(value);
  return recorder;
}

test('Recorder.take is null when nothing was recorded since the last take', () => {
  const recorder = new Recorder();
  expect(recorder.take()).toBeNull();
  recorder.record(5);
  expect(recorder.take()).not.toBeNull();
  expect(recorder.take()).toBeNull();
});

test('Recorder.take gives exact count, sum, min and max, and only the index range in use', () => {
  const delta = recorded([10, 12, 12]).take();
  expect(delta).toEqual({
    firstIndex: 10,
    counts: new Uint32Array([1, 0, 2]),
    count: 3,
    sumUs: 34,
    minUs: 10,
    maxUs: 12,
  });
});

test.each([
  { given: -3, kept: 0, because: 'a negative time counts as 0' },
  { given: -Infinity, kept: 0, because: 'minus infinity counts as 0' },
  { given: 0.4, kept: 0, because: 'a fraction is rounded down' },
  { given: 0.5, kept: 1, because: 'a half is rounded up' },
  { given: RECORDED_US_MAX, kept: RECORDED_US_MAX, because: 'the longest time stands' },
  { given: RECORDED_US_MAX + 1, kept: RECORDED_US_MAX, because: 'a longer time counts as the longest' },
  { given: Infinity, kept: RECORDED_US_MAX, because: 'infinity counts as the longest' },
])('Recorder.record of $given: $because', ({ given, kept }) => {
  expect(recorded([given]).take()).toMatchObject({ count: 1, sumUs: kept, minUs: kept, maxUs: kept });
});

test('Recorder.record refuses NaN, which would poison every percentile', () => {
  expect(() => new Recorder().record(Number.NaN)).toThrow('a recorded time is a number');
});

test('Recorder.take hands out each value once, whatever the intervals are', () => {
  const intervals = fc.array(fc.array(fc.integer({ min: 0, max: RECORDED_US_MAX }), { maxLength: 20 }));
  fc.assert(
    fc.property(intervals, (parts) => {
      const recorder = new Recorder();
      const merged = new LatencyHistogram();
      for (const part of parts) {
        for (const value of part) recorder.record(value);
        const delta = recorder.take();
        expect(delta?.count ?? 0).toBe(part.length);
        expect(delta?.counts.reduce((sum, count) => sum + count, 0) ?? 0).toBe(part.length);
        if (delta !== null) merged.add(delta);
      }
      expect(merged.count).toBe(parts.flat().length);
    }),
    { numRuns: 50 },
  );
});

test('Recorder keeps nothing of a wide interval in the next narrow one', () => {
  const recorder = recorded([1, 3_000_000_000]);
  recorder.take();
  recorder.record(2_000_000);
  const delta = recorder.take();
  expect(delta?.counts).toEqual(new Uint32Array([1]));
});
