import fc from 'fast-check';
import { encodeIntoCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { indexOfUs, RECORDED_US_MAX } from '../../src/measure/time-index.ts';
import { Recorder } from '../../src/measure/recorder.ts';

const TIMES = fc.integer({ min: 0, max: RECORDED_US_MAX });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const recorder = new Recorder();
  for (const value of values) recorder.record(value);
  const histogram = new LatencyHistogram();
  const delta = recorder.take();
  if (delta !== null) histogram.add(delta);
  return histogram;
}

test('LatencyHistogram.merge of any split equals the histogram of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.array(TIMES, { maxLength: 30 }), { maxLength: 6 }), (parts) => {
      const merged = new LatencyHistogram();
      for (const part of parts) merged.merge(histogramOf(part));
      const values = parts.flat();
      const whole = histogramOf(values);
      expect(merged.summary()).toEqual(whole.summary());
      for (const value of values) expect(merged.countAt(value)).toBe(whole.countAt(value));
      expect(merged.encode()).toBe(whole.encode());
    }),
    { numRuns: 60 },
  );
});

test('LatencyHistogram gives percentiles within 0.1 % of the sorted values, and never outside min and max', () => {
  fc.assert(
    fc.property(
      fc.array(TIMES, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (values, percentile) => {
        const sorted = values.toSorted((a, b) => a - b);
        const histogram = histogramOf(values);
        const shown = histogram.percentileUs(percentile) ?? Number.NaN;
        const rank = Math.max(1, Math.ceil((percentile / 100) * values.length - 1e-9));
        const exact = sorted[rank - 1] ?? Number.NaN;
        expect(Math.abs(shown - exact)).toBeLessThanOrEqual(exact / 1000);
        expect(shown).toBeGreaterThanOrEqual(sorted[0] ?? Number.NaN);
        expect(shown).toBeLessThanOrEqual(sorted.at(-1) ?? Number.NaN);
      },
    ),
  );
});

test('LatencyHistogram.summary has exact count, min, mean and max', () => {
  const summary = histogramOf([3, 1_000_001, 2]).summary();
  expect(summary).toMatchObject({ count: 3, min: 2, mean: 1_000_006 / 3, max: 1_000_001, p9999: 1_000_001 });
});

test('LatencyHistogram.summary is null but for the count when nothing was recorded', () => {
  const { count, ...times } = new LatencyHistogram().summary();
  expect(count).toBe(0);
  expect(Object.values(times)).toEqual(Array.from({ length: 8 }, () => null));
});

test('LatencyHistogram.clear forgets every value', () => {
  const histogram = histogramOf([1, 70_000, 3_000_000_000]);
  histogram.clear();
  expect(histogram.summary()).toEqual(new LatencyHistogram().summary());
  histogram.merge(histogramOf([70_000]));
  expect(histogram.summary()).toEqual(histogramOf([70_000]).summary());
});

test('LatencyHistogram counts beyond 32 bits', () => {
  const histogram = new LatencyHistogram();
  for (let i = 0; i < 3; i++) {
    histogram.add({
      firstIndex: 100,
      counts: new Uint32Array([3e9, 1]),
      count: 3e9 + 1,
      sumUs: 3e11 + 101,
      minUs: 100,
      maxUs: 101,
    });
  }
  expect(histogram.summary()).toMatchObject({ count: 9e9 + 3, p50: 100, max: 101 });
  expect(LatencyHistogram.decode(histogram.encode()).count).toBe(9e9 + 3);
});

test('LatencyHistogram.decode of encode has the same counts and percentiles within a bucket', () => {
  fc.assert(
    fc.property(fc.array(TIMES, { maxLength: 50 }), (values) => {
      const histogram = histogramOf(values);
      const decoded = LatencyHistogram.decode(histogram.encode());
      expect(decoded.count).toBe(values.length);
      for (const value of values) expect(decoded.countAt(value)).toBe(histogram.countAt(value));
      expect(decoded.encode()).toBe(histogram.encode());
    }),
    { numRuns: 60 },
  );
});

test('LatencyHistogram.encode writes the header that the Java and C readers expect', () => {
  const outer = Buffer.from(histogramOf([1, 2, 3]).encode(), 'base64');
  expect(outer.readInt32BE(0)).toBe(0x1c849314);
  expect(outer.readInt32BE(4)).toBe(outer.length - 8);
  const inner = inflateSync(outer.subarray(8));
  expect(inner.readInt32BE(0)).toBe(0x1c849313);
  expect(inner.readInt32BE(4)).toBe(inner.length - 40);
  expect(inner.readInt32BE(8)).toBe(0);
  expect(inner.readInt32BE(12)).toBe(3);
  expect(inner.readBigInt64BE(16)).toBe(1n);
  expect(inner.readBigInt64BE(24)).toBe(BigInt(RECORDED_US_MAX));
  expect(inner.readDoubleBE(32)).toBe(1);
});

test.each([
  { text: '', because: 'there is nothing', message: 'needs 8 bytes' },
  { text: 'AAAAAAAAAAAAAAAA', because: 'the cookie is wrong', message: 'instead of a V2 cookie' },
  { text: histogramOf([1, 500, 90_000]).encode().slice(0, 40), because: 'it is cut short', message: 'needs' },
])('LatencyHistogram.decode refuses a text when $because', ({ text, message }) => {
  expect(() => LatencyHistogram.decode(text)).toThrow(message);
});

test('LatencyHistogram.decode refuses a text that is damaged inside', () => {
  const bytes = Buffer.from(histogramOf([1, 500, 90_000]).encode(), 'base64');
  bytes[bytes.length - 1]! ^= 0xff;
  expect(() => LatencyHistogram.decode(bytes.toString('base64'))).toThrow(
    /incorrect data check|invalid|unexpected/,
  );
});

test('LatencyHistogram.merge grows for values beyond an hour that another tool wrote', () => {
  const foreign = new Float64Histogram(1, 3_600_000_000_000, 3);
  foreign.recordValueWithCount(2_000_000_000_000, 2);
  foreign.recordValueWithCount(5, 1);
  const total = histogramOf([7]);
  total.merge(LatencyHistogram.decode(encodeIntoCompressedBase64(foreign)));
  total.merge(histogramOf([8]));
  expect(total.count).toBe(5);
  expect(total.minUs).toBe(5);
  expect(Math.abs((total.maxUs ?? 0) / 2_000_000_000_000 - 1)).toBeLessThan(0.001);
  expect(total.countAt(2_000_000_000_000)).toBe(2);
});

test('LatencyHistogram.addCompact of any split equals the histogram of the whole, in little memory', () => {
  fc.assert(
    fc.property(fc.array(fc.array(TIMES, { maxLength: 30 }), { maxLength: 6 }), (parts) => {
      const merged = new LatencyHistogram();
      for (const part of parts) {
        const compact = histogramOf(part).compact();
        expect(compact === null).toBe(part.length === 0);
        expect(compact?.length ?? 0).toBeLessThanOrEqual(part.length);
        if (compact !== null) merged.addCompact(compact);
      }
      const whole = histogramOf(parts.flat());
      expect(merged.summary()).toEqual(whole.summary());
      expect(merged.encode()).toBe(whole.encode());
    }),
    { numRuns: 60 },
  );
});

test('LatencyHistogram.encode writes the very numbers that the library writes, and decode reads them back', () => {
  const counts = fc.integer({ min: 1, max: 2 ** 45 });
  const rows = fc.uniqueArray(fc.tuple(TIMES, counts), {
    maxLength: 30,
    selector: ([us]) => indexOfUs(us),
  });
  fc.assert(
    fc.property(rows, (values) => {
      const reference = new Float64Histogram(1, RECORDED_US_MAX, 3);
      const histogram = new LatencyHistogram();
      for (const [us, count] of values) {
        reference.recordValueWithCount(us, count);
        const [indices, times] = [Uint32Array.of(indexOfUs(us)), { sumUs: us * count, minUs: us, maxUs: us }];
        histogram.addCompact({ indices, counts: Float64Array.of(count), length: 1, count, ...times });
      }
      const payload = payloadOf(histogram.encode());
      expect(payload.equals(payloadOf(encodeIntoCompressedBase64(reference)))).toBe(true);
      const read = LatencyHistogram.decode(histogram.encode());
      expect(read.count).toBe(histogram.count);
      for (const [us, count] of values) expect(read.countAt(us)).toBe(count);
    }),
  );
});

function payloadOf(text: string): Buffer {
  return inflateSync(Buffer.from(text, 'base64').subarray(8)).subarray(40);
}
