import { formatDuration } from '../base/units.ts';
import type { ClockEvent } from '../store/run-event.ts';

/** What the machine's clocks did to a run, in sentences. */
export function clockNotes(events: readonly ClockEvent[], more: number = 0): string[] {
  const told = events.slice(0, EVENTS_TOLD_MAX).map(describeClockEvent);
  const further = events.length - told.length + more;
  if (further === 0) return told;
  return [...told, `the machine slept, or its wall clock was set, ${further} more times (events.jsonl)`];
}

/** One of them. */
export function describeClockEvent({ atSeconds, clock, seconds }: ClockEvent): string {
  const at = `at ${formatDuration(Math.round(atSeconds * 10) * 100_000)} of the run`;
  const length = formatDuration(Math.round(Math.abs(seconds) * 100) * 10_000);
  if (clock === 'slept') {
    return `the machine slept for ${length} ${at}: the run's times leave that out, and connections may have died of it`;
  }
  const direction = seconds > 0 ? 'forward' : 'back';
  return `the wall clock was set ${direction} by ${length} ${at}: the run's times do not follow it`;
}

/** Sentences; what comes after them is counted. */
const EVENTS_TOLD_MAX = 5;
