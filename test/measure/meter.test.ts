import { expect, test } from 'vitest';
import { COUNTER } from '../../src/measure/counters.ts';
import { Meter } from '../../src/measure/meter.ts';

test('Meter.snapshot has cumulative counters and the histograms of its interval only', () => {
  const meter = new Meter(1);
  meter.counters[COUNTER.framesSent] = 2;
  meter.recorder('response').record(7);
  const first = meter.snapshot();
  meter.counters[COUNTER.framesSent] = 5;
  const second = meter.snapshot();
  expect(first.counters[COUNTER.framesSent]).toBe(2);
  expect(first.histograms.response?.count).toBe(1);
  expect(second.counters[COUNTER.framesSent]).toBe(5);
  expect(second.histograms).toEqual({});
});

test('Meter counts dials in all and for each address', () => {
  const meter = new Meter(2);
  meter.dialAttempted(0);
  meter.dialAttempted(1);
  meter.dialAttempted(1);
  meter.dialConnected(1);
  const { counters, addresses } = meter.snapshot();
  expect([...addresses]).toEqual([1, 0, 2, 1]);
  expect(counters[COUNTER.dialsAttempted]).toBe(3);
  expect(counters[COUNTER['dial:connected']]).toBe(1);
});

test('Meter.recorder answers with the same recorder every time', () => {
  const meter = new Meter(1);
  expect(meter.recorder('dial')).toBe(meter.recorder('dial'));
  expect(meter.recorder('dial')).not.toBe(meter.recorder('tls'));
});

test('a snapshot is its own: the meter goes on beside it', () => {
  const meter = new Meter(1);
  meter.dialAttempted(0);
  meter.recorder('response').record(4);
  const snapshot = meter.snapshot();
  meter.dialAttempted(0);
  meter.recorder('response').record(5);
  expect(snapshot.counters[COUNTER.dialsAttempted]).toBe(1);
  expect([...snapshot.addresses]).toEqual([1, 0]);
  expect(snapshot.histograms.response).toMatchObject({ firstIndex: 4, counts: new Uint32Array([1]) });
  expect(meter.snapshot().counters[COUNTER.dialsAttempted]).toBe(2);
});
