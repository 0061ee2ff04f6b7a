import type { CounterName } from '../../measure/counters.ts';
import type { IntervalLine } from '../../store/interval-line.ts';
import type { Summary } from '../../store/summary.ts';
import type { InFlightCourse } from './in-flight-course.ts';

/** How a limit of the target shows itself. */
export type SignName =
  | 'refusals'
  | 'backlogStalls'
  | 'dialTimeouts'
  | 'resets'
  | 'closes'
  | 'timeouts'
  | 'heartbeatsMissed'
  | 'corruption'
  | 'backpressure'
  | 'queueing'
  | 'retransmissions';

/** One sign in one trial. */
export interface LimitSign {
  name: SignName;
  count: number;
  /** Since the trial's start: the end of the first interval that shows it; null where only the whole is known. */
  firstSeconds: number | null;
}

const COUNTED: readonly (readonly [SignName, readonly CounterName[]])[] = [
  ['refusals', ['dial:refused']],
  ['dialTimeouts', ['dial:timedOut', 'dial:unreachable', 'dial:reset']],
  ['resets', ['session:reset', 'session:reset-mid-frame', 'session:broken-pipe']],
  ['closes', ['session:peer-closed', 'session:peer-closed-mid-frame']],
  ['timeouts', ['session:read-timeout', 'session:read-timeout-mid-frame', 'session:write-timeout']],
  ['heartbeatsMissed', ['session:heartbeat-missed']],
  ['corruption', ['framesCorrupt', 'session:malformed-frame', 'session:oversize-frame']],
  ['backpressure', ['writeStalls']],
];

/** Every sign that a trial shows. */
export function signsOf(
  intervals: readonly IntervalLine[],
  summary: Summary,
  { inFlight, retransmits }: { inFlight: InFlightCourse; retransmits: number | null },
): LimitSign[] {
  const counted = COUNTED.map(([name, counters]) => countedSign(name, counters, intervals));
  const stalled = summary.dials.stalled ?? 0;
  return [
    ...counted,
    { name: 'backlogStalls', count: stalled, firstSeconds: stalled > 0 ? 0 : null } as const,
    queueing(intervals, inFlight),
    { name: 'retransmissions', count: retransmits ?? 0, firstSeconds: null } as const,
  ].filter(({ count }) => count > 0);
}

function countedSign(
  name: SignName,
  counters: readonly CounterName[],
  intervals: readonly IntervalLine[],
): LimitSign {
  const counts = intervals.map((interval) =>
    counters.reduce((sum, counter) => sum + (interval.counters[counter] ?? 0), 0),
  );
  const first = counts.findIndex((count) => count > 0);
  return {
    name,
    count: counts.reduce((sum, count) => sum + count, 0),
    firstSeconds: intervals[first]?.endSeconds ?? null,
  };
}

/** Frames in flight that became more and more: counted by how many more there were at the end. */
function queueing(intervals: readonly IntervalLine[], { samples, grewBy }: InFlightCourse): LimitSign {
  const measured = intervals.filter(({ phase }) => phase === 'measure');
  const base = (samples.at(-1) ?? 0) - grewBy;
  const first = samples.findIndex((sample) => sample > base + grewBy / 10);
  const isGrowing = grewBy > Math.max(GROWTH_MIN, base);
  return {
    name: 'queueing',
    count: isGrowing ? grewBy : 0,
    firstSeconds: isGrowing ? (measured[first]?.endSeconds ?? null) : null,
  };
}

/** Fewer frames more in flight than at the start are chance. */
const GROWTH_MIN = 10;
