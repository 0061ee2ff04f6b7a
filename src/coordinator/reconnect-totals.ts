import { COUNTER, type CounterName, type Counters } from '../measure/counters.ts';
import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../measure/outcome.ts';
import type { ReconnectTotals } from '../store/summary.ts';

/** Dials that replaced a connection, by the end that they followed. */
export function reconnectTotals(counters: Counters): ReconnectTotals {
  const byDial = occurred(DIAL_OUTCOMES, counters, (outcome) => `reconnect:dial:${outcome}`);
  const bySession = occurred(SESSION_OUTCOMES, counters, (outcome) => `reconnect:session:${outcome}`);
  const counts = [...Object.values(byDial), ...Object.values(bySession)];
  return { total: counts.reduce((sum, count) => sum + count, 0), byDial, bySession };
}

function occurred<T extends string>(
  outcomes: readonly T[],
  counters: Counters,
  nameOf: (outcome: T) => CounterName,
): Partial<Record<T, number>> {
  const totals: Partial<Record<T, number>> = {};
  for (const outcome of outcomes) {
    const count = counters[COUNTER[nameOf(outcome)]] ?? 0;
    if (count > 0) totals[outcome] = count;
  }
  return totals;
}
