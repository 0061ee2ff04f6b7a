import { expect, test } from 'vitest';
import { HistogramSet } from '../../src/measure/histogram-set.ts';
import { METRICS } from '../../src/measure/metric.ts';
import { Recorder } from '../../src/measure/recorder.ts';

function deltaOf(...values: number[]): NonNullable<ReturnType<Recorder['take']>> {
  const recorder = new Recorder();
  for (const value of values) recorder.record(value);
  const delta = recorder.take();
  if (delta === null) throw new Error('nothing was recorded');
  return delta;
}

test('HistogramSet.add keeps metrics apart and adds shards together', () => {
  const set = new HistogramSet();
  set.add({ dial: deltaOf(10), response: deltaOf(1, 2) });
  set.add({ response: deltaOf(9) });
  expect(set.get('dial')?.count).toBe(1);
  expect(set.get('response')?.count).toBe(3);
  expect(set.get('response')?.maxUs).toBe(9);
  expect(set.get('tls')).toBeUndefined();
});

test('HistogramSet.merge adds every metric of the other set', () => {
  const interval = new HistogramSet();
  const total = new HistogramSet();
  interval.add({ response: deltaOf(5) });
  total.merge(interval);
  interval.clear();
  interval.add({ response: deltaOf(6), service: deltaOf(4) });
  total.merge(interval);
  expect(total.get('response')?.count).toBe(2);
  expect(total.get('service')?.minUs).toBe(4);
});

test('HistogramSet.recorded leaves out metrics that were cleared', () => {
  const set = new HistogramSet();
  set.add({ service: deltaOf(5), dial: deltaOf(3) });
  expect(set.recorded().map(([metric]) => metric)).toEqual(['dial', 'service']);
  set.clear();
  set.add({ service: deltaOf(7) });
  expect(set.recorded().map(([metric]) => metric)).toEqual(['service']);
});

test('HistogramSet.summaries names every metric, empty ones with nulls', () => {
  const set = new HistogramSet();
  set.add({ response: deltaOf(5) });
  const summaries = set.summaries();
  expect(Object.keys(summaries)).toEqual([...METRICS]);
  expect(summaries.response.p50).toBe(5);
  expect(summaries.dial).toMatchObject({ count: 0, p50: null, max: null });
});
