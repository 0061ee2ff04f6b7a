import { expect, test } from 'vitest';
import {
  COUNTER,
  COUNTER_NAMES,
  addCounters,
  counterDeltas,
  newCounters,
} from '../../src/measure/counters.ts';

test('COUNTER gives every name its own position', () => {
  expect(new Set(Object.values(COUNTER)).size).toBe(COUNTER_NAMES.length);
  expect(newCounters()).toHaveLength(COUNTER_NAMES.length);
});

test('addCounters adds name by name', () => {
  const into = newCounters();
  const from = newCounters();
  into[COUNTER.framesSent] = 2;
  from[COUNTER.framesSent] = 3;
  from[COUNTER['session:reset']] = 1;
  addCounters(into, from);
  expect(into[COUNTER.framesSent]).toBe(5);
  expect(into[COUNTER['session:reset']]).toBe(1);
});

test('counterDeltas names what grew, and neither zeros nor the gauge', () => {
  const earlier = newCounters();
  earlier[COUNTER.framesSent] = 5;
  earlier[COUNTER.framesLost] = 1;
  const later = earlier.slice();
  later[COUNTER.framesSent] = 8;
  later[COUNTER.openNow] = 4;
  expect(counterDeltas(later, earlier)).toEqual({ framesSent: 3 });
});
