import { expect, it } from 'vitest';
import { reconnectTotals } from '../../src/coordinator/reconnect-totals.ts';
import { COUNTER, newCounters } from '../../src/measure/counters.ts';

it('reconnectTotals tells dials that replaced a connection by the end before them', () => {
  const counters = newCounters();
  expect(reconnectTotals(counters)).toEqual({ total: 0, byDial: {}, bySession: {} });
  counters[COUNTER['reconnect:dial:reset']] = 2;
  counters[COUNTER['reconnect:session:reset']] = 3;
  counters[COUNTER['reconnect:session:closed-by-plan']] = 4;
  expect(reconnectTotals(counters)).toEqual({
    total: 9,
    byDial: { reset: 2 },
    bySession: { reset: 3, 'closed-by-plan': 4 },
  });
});
