import { expect, test } from 'vitest';

import { COUNTER } from '../../src/measure/counters.ts';
import { Meter } from '../../src/measure/meter.ts';
import { SideHistograms } from '../../src/measure/side-histograms.ts';

test('SideHistograms keeps each part by its name, and goes on from its states', () => {
  const meter = new Meter(1);
  meter.responsesByAge[0]?.record(100);
  meter.responsesByAge[5]?.record(900);
  meter.detected('read-timeout', 5000, true);
  meter.detected('read-timeout', 7000, false);
  const sides = new SideHistograms();
  sides.add(meter.snapshot().sides ?? {});
  const later = new SideHistograms();
  later.addStates(sides.states());
  for (const set of [sides, later]) {
    expect(set.get('age:0')?.summary()).toMatchObject({ count: 1, max: 100 });
    expect(set.get('age:5')?.summary()).toMatchObject({ count: 1, max: 900 });
    expect(set.get('age:1')).toBeUndefined();
    expect(set.get('detect:read-timeout')?.summary()).toMatchObject({ count: 1, max: 5000 });
  }
});

test('Meter gives response times of all ages as one metric, and those of a single age once', () => {
  const meter = new Meter(1);
  meter.recorder('response').record(100);
  const young = meter.snapshot();
  expect(young.histograms.response).toBe(young.sides?.['age:0']);
  meter.recorder('response').record(100);
  meter.responsesByAge[2]?.record(70_000);
  const mixed = meter.snapshot();
  expect(mixed.histograms.response).toMatchObject({ count: 2, sumUs: 70_100, minUs: 100, maxUs: 70_000 });
  expect(meter.snapshot().histograms.response).toBeUndefined();
  expect(meter.counters[COUNTER.openNow]).toBe(0);
});
