import { COUNTER, type CounterName, type Counters } from '../../measure/counters.ts';
import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../../measure/outcome.ts';

/** One way in which something went wrong, and how often. */
export interface FailureCount {
  /** For example `read-timeout`, `dial refused`, `frames corrupt`. */
  name: string;
  count: number;
}

const FRAME_FAILURES = {
  framesCorrupt: 'frames corrupt',
  framesDuplicate: 'frames duplicate',
  framesUnsolicited: 'frames unsolicited',
} as const;

const FAILURES: readonly { name: string; counter: CounterName }[] = [
  ...DIAL_OUTCOMES.filter((outcome) => outcome !== 'connected' && outcome !== 'abandoned').map((outcome) => ({
    name: `dial ${outcome}`,
    counter: `dial:${outcome}` as const,
  })),
  ...SESSION_OUTCOMES.filter((outcome) => outcome !== 'closed-by-plan').map((outcome) => ({
    name: outcome,
    counter: `session:${outcome}` as const,
  })),
  ...Object.entries(FRAME_FAILURES).map(([counter, name]) => ({
    name,
    counter: counter as keyof typeof FRAME_FAILURES,
  })),
];

/**
 * Dials that did not connect, sessions that the plan did not end, and frames that were not what they should be: those
 * that occurred, most frequent first.
 */
export function failuresIn(counters: Counters): FailureCount[] {
  return FAILURES.map(({ name, counter }) => ({ name, count: counters[COUNTER[counter]] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
}

/** All of them together. */
export function countFailures(counters: Counters): number {
  return FAILURES.reduce((sum, { counter }) => sum + (counters[COUNTER[counter]] ?? 0), 0);
}
