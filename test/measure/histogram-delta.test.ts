import fc from 'fast-check';
import { expect, test } from 'vitest';

import { joinDeltas, type HistogramDelta } from '../../src/measure/histogram-delta.ts';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { Recorder } from '../../src/measure/recorder.ts';

function deltaOf(values: readonly number[]): HistogramDelta | null {
  const recorder = new Recorder();
  for (const value of values) recorder.record(value);
  return recorder.take();
}

function summaryOf(delta: HistogramDelta | null): ReturnType<LatencyHistogram['summary']> {
  const histogram = new LatencyHistogram();
  if (delta !== null) histogram.add(delta);
  return histogram.summary();
}

test('joinDeltas gives what one recorder of all values would have', () => {
  const times = fc.array(fc.array(fc.integer({ min: 0, max: 3_600_000_000 }), { maxLength: 20 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(times, (parts) => {
      expect(summaryOf(joinDeltas(parts.map(deltaOf)))).toEqual(summaryOf(deltaOf(parts.flat())));
    }),
  );
});
