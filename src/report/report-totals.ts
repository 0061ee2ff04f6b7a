import type { Summary } from '../store/summary.ts';
import { formatBytesPerSecond, formatCount, formatShort } from './human.ts';
import { pairLines } from './text-table.ts';

type Pair = [name: string, value: string];

const DIAL_WORDS = {
  refused: 'refused',
  timedOut: 'timed out',
  unreachable: 'unreachable',
  reset: 'reset',
  localLimit: 'local limit (ours)',
  other: 'other',
  abandoned: 'abandoned',
} as const;

const CONNECTION_WORDS = {
  closedUnread: 'closed unread (RST)',
  closedUnacked: 'ended unacknowledged',
  ghosts: 'ghosts (see notes)',
} as const;

const FRAME_WORDS = {
  matchedInWarmup: 'matched in warm-up',
  oneWay: 'one-way',
  receivedOneWay: 'received one-way',
  pushed: 'pushed',
  pushUnstamped: 'pushed, no stamp',
  pushAhead: 'pushed, stamp ahead',
  duplicate: 'duplicate',
  reordered: 'reordered',
  corrupt: 'corrupt',
  unsolicited: 'unsolicited',
  inFlightAtEnd: 'in flight at end',
  unsent: 'unsent',
} as const;

const UNSENT_WORDS = {
  generator: '  generator late',
  backpressure: '  backpressure',
  connecting: '  not connected yet',
  ended: '  connection ended',
} as const;

/** Dials by outcome; outcomes that did not occur are left out. */
export function dialLines({ dials }: Summary): string[] {
  const stalled: Pair[] = dials.stalled === null ? [] : [['stalled', count(dials.stalled)]];
  return pairLines([
    ['attempted', count(dials.attempted)],
    ['connected', count(dials.connected)],
    ...occurred(dials, DIAL_WORDS),
    ...stalled,
    ...synRows(dials.bySynRetransmits),
  ]);
}

/** A row for each number of SYN repeats; none where every first SYN was answered. */
function synRows(bySynRetransmits: Record<string, number>): Pair[] {
  return Object.entries(bySynRetransmits)
    .filter(([retransmits]) => retransmits !== '0')
    .map(([retransmits, dials]) => [
      `  ${retransmits} SYN repeat${retransmits === '1' ? '' : 's'}`,
      count(dials),
    ]);
}

/** Sessions by what ended them, most frequent first. */
export function sessionLines(summary: Summary): string[] {
  const { sessions, connections } = summary;
  const ended = Object.entries(sessions)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, number]): Pair => [outcome, count(number)]);
  const stillOpen: Pair[] = connections.openAtEnd > 0 ? [['open at end', count(connections.openAtEnd)]] : [];
  return pairLines([
    ...ended,
    ...stillOpen,
    ['peak open', count(connections.peakOpen)],
    ...occurred(connections, CONNECTION_WORDS),
    ...reconnectRows(summary),
  ]);
}

/** How many dials replaced a connection, and what had ended those before them; none where nothing was replaced. */
function reconnectRows({ connections }: Summary): Pair[] {
  const { total, byDial, bySession } = connections.reconnects;
  if (total === 0) return [];
  const dials = Object.entries(byDial).map(([outcome, number]): [string, number] => [
    `dial ${outcome}`,
    number,
  ]);
  const causes = [...Object.entries(bySession), ...dials].toSorted(([, a], [, b]) => b - a);
  const rows = causes.map(([cause, number]): Pair => [`  after ${cause}`, count(number)]);
  return [['reconnects', count(total)], ...rows];
}

/** Frames by what became of them. Lost ones are shown even when there are none: it is the first question. */
export function frameLines({ frames }: Summary): string[] {
  return pairLines([
    ['sent', count(frames.sent)],
    ['received', count(frames.received)],
    ['matched', count(frames.matched)],
    ['lost', count(frames.lost)],
    ...occurred(frames, FRAME_WORDS),
    ...occurred(frames.unsentBy, UNSENT_WORDS),
  ]);
}

/** Means over the run. */
export function throughputLines({ throughput, writes }: Summary): string[] {
  const stalls: Pair[] = writes.stalls > 0 ? [['write stalls', count(writes.stalls)]] : [];
  return pairLines([
    ['frames', `${formatShort(throughput.framesPerSecond)}/s`],
    ['sent', formatBytesPerSecond(throughput.sentBytesPerSecond)],
    ['received', formatBytesPerSecond(throughput.receivedBytesPerSecond)],
    ...stalls,
  ]);
}

function occurred<K extends string>(totals: NoInfer<Record<K, number>>, words: Record<K, string>): Pair[] {
  return (Object.keys(words) as K[])
    .filter((key) => totals[key] > 0)
    .map((key): Pair => [words[key], count(totals[key])]);
}

const count = formatCount;
