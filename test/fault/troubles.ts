import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../../src/measure/outcome.ts';
import type { Summary } from '../../src/store/summary.ts';

/** Everything in a summary that tells of a trouble, by the path that claims name it with, where it is not 0. */
export function troublesOf(summary: Summary): Record<string, number> {
  const { dials, sessions, frames, connections, writes, reads } = summary;
  const counts: [string, number][] = [
    ...DIAL_OUTCOMES.map((outcome): [string, number] => [`dials.${outcome}`, dials[outcome]]),
    ['dials.stalled', dials.stalled ?? 0],
    ...SESSION_OUTCOMES.map((outcome): [string, number] => [`sessions.${outcome}`, sessions[outcome] ?? 0]),
    ...FRAME_TROUBLES.map((kind): [string, number] => [`frames.${kind}`, frames[kind]]),
    ['connections.ghosts', connections.ghosts],
    ['connections.openAtEnd', connections.openAtEnd],
    ['partial.count', sum(writes.partial.map(({ count }) => count))],
    ['partialReads.count', sum(reads.partial.map(({ count }) => count))],
  ];
  return Object.fromEntries(counts.filter(([name, count]) => count > 0 && !SOUND.has(name)));
}

/** Where a summary contradicts itself: each count that it holds twice, as pairs that must be equal. */
export function doubleEntries({
  dials,
  sessions,
  errors,
  halfOpen,
  histograms,
  reads,
  verdict,
}: Summary): [string, number, number][] {
  const failures = sum(
    SESSION_OUTCOMES.filter((outcome) => outcome !== 'closed-by-plan').map((name) => sessions[name] ?? 0),
  );
  const failedDials = dials.attempted - dials.connected - dials.abandoned;
  const rows = (inDial: boolean): number =>
    sum(errors.filter(({ phase }) => (phase === 'dial') === inDial).map(({ count }) => count));
  return [
    ['failed sessions and error rows', failures, rows(false)],
    ['failed dials and error rows', failedDials, rows(true)],
    [
      'silent sessions and times of detection',
      sum(DETECTED.map((name) => sessions[name] ?? 0)),
      histograms.detect.count,
    ],
    // Of those that a detector gave up, some may have been slow and not silent; no more can be half-open.
    ['half-open rows beyond times of detection', Math.max(0, halfOpen.found - histograms.detect.count), 0],
    ['half-open rows by detector', sum(halfOpen.byDetector.map(({ count }) => count)), halfOpen.found],
    [
      'sessions that a frame was cut by and cut frames',
      sum(CUT_WHILE_READING.map((name) => sessions[name] ?? 0)),
      sum(reads.partial.filter(({ cause }) => CUT.has(cause)).map(({ count }) => count)),
    ],
    ['connected dials and their times', dials.connected, histograms.dial.count],
    ['violations of conservation', verdict.reasons.filter((reason) => reason.includes('bug')).length, 0],
  ];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const FRAME_TROUBLES = [
  'lost',
  'duplicate',
  'reordered',
  'corrupt',
  'unsolicited',
  'inFlightAtEnd',
  'unsent',
  'oneWay',
  'receivedOneWay',
] as const;

/** Outcomes that are none. */
const SOUND: ReadonlySet<string> = new Set(['dials.connected', 'sessions.closed-by-plan']);

/** Outcomes of sessions that ended while a frame was coming. */
const CUT_WHILE_READING = [
  'peer-closed-mid-frame',
  'reset-mid-frame',
  'read-timeout-mid-frame',
  'oversize-frame',
  'malformed-frame',
] as const;
const CUT: ReadonlySet<string> = new Set(CUT_WHILE_READING);

/** Outcomes by which a session finds out that nothing comes any more. */
const DETECTED = ['read-timeout', 'read-timeout-mid-frame', 'write-timeout', 'unreachable'] as const;
