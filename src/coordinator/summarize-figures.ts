import { COUNTER, type CounterName, type Counters } from '../measure/counters.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from '../measure/outcome.ts';
import type {
  CohortFigures,
  ConnectionTotals,
  DialTotals,
  FrameTotals,
  Throughput,
} from '../store/summary.ts';
import type { CohortTotals } from './cohort-totals.ts';
import { halfOpen, responseByAge } from './soak-figures.ts';
import { reconnectTotals } from './reconnect-totals.ts';

/** What a cohort, or all of a run, came to, as it is stored. */
export function summarizeFigures(totals: CohortTotals, engine: string): CohortFigures {
  const { counters } = totals;
  return {
    dials: dialTotals(totals, engine),
    connections: connectionTotals(totals),
    sessions: sessionTotals(counters),
    frames: frameTotals(counters),
    bytes: { sent: count(counters, 'bytesSent'), received: count(counters, 'bytesReceived') },
    heartbeats: {
      sent: count(counters, 'heartbeatsSent'),
      answered: count(counters, 'heartbeatsAnswered'),
    },
    writes: { stalls: count(counters, 'writeStalls'), partial: totals.partialWrites },
    reads: { partial: totals.partialReads },
    errors: totals.errors,
    histograms: totals.histograms.summaries(),
    throughput: throughput(totals),
    byAge: responseByAge(totals),
    halfOpen: halfOpen(totals),
  };
}

/** A counter's value by its name. */
export function count(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

/** Dials whose SYN was sent again; null where the engine cannot see it, or the kernel does not tell. */
export function stalledDials(
  { counters, synRetransmits }: Pick<CohortTotals, 'counters' | 'synRetransmits'>,
  engine: string,
): number | null {
  if (engine !== 'epoll') return null;
  const told = synRetransmits.some((dials) => dials > 0) || count(counters, 'dial:connected') === 0;
  return told ? synRetransmits.slice(1).reduce((sum, dials) => sum + dials, 0) : null;
}

function connectionTotals({ counters, peakOpen }: CohortTotals): ConnectionTotals {
  return {
    opened: count(counters, 'dial:connected'),
    peakOpen: peakOpen,
    openAtEnd: count(counters, 'openNow'),
    closedUnread: count(counters, 'closesUnread'),
    bytesUnread: count(counters, 'bytesUnread'),
    closedUnacked: count(counters, 'closesUnacked'),
    bytesUnacked: count(counters, 'bytesUnacked'),
    ghosts: count(counters, 'ghosts'),
    reconnects: reconnectTotals(counters),
  };
}

function dialTotals({ counters, synRetransmits }: CohortTotals, engine: string): DialTotals {
  const visible = engine === 'epoll';
  return {
    attempted: count(counters, 'dialsAttempted'),
    connected: count(counters, 'dial:connected'),
    stalled: stalledDials({ counters, synRetransmits }, engine),
    refused: count(counters, 'dial:refused'),
    timedOut: count(counters, 'dial:timedOut'),
    unreachable: count(counters, 'dial:unreachable'),
    reset: count(counters, 'dial:reset'),
    localLimit: count(counters, 'dial:localLimit'),
    other: count(counters, 'dial:other'),
    abandoned: count(counters, 'dial:abandoned'),
    bySynRetransmits: visible ? bySynRetransmits(synRetransmits) : {},
  };
}

function bySynRetransmits(synRetransmits: number[]): Record<string, number> {
  const rows = synRetransmits.map((dials, retransmits): [string, number] => [String(retransmits), dials]);
  return Object.fromEntries(rows.filter(([, dials]) => dials > 0));
}

function sessionTotals(counters: Counters): Partial<Record<SessionOutcome, number>> {
  const totals: Partial<Record<SessionOutcome, number>> = {};
  for (const outcome of SESSION_OUTCOMES) totals[outcome] = count(counters, `session:${outcome}`);
  return totals;
}

function frameTotals(counters: Counters): FrameTotals {
  return {
    sent: count(counters, 'framesSent'),
    received: count(counters, 'framesReceived'),
    matched: count(counters, 'framesMatched'),
    matchedInWarmup: count(counters, 'framesMatchedInWarmup'),
    lost: count(counters, 'framesLost'),
    duplicate: count(counters, 'framesDuplicate'),
    reordered: count(counters, 'framesReordered'),
    corrupt: count(counters, 'framesCorrupt'),
    unsolicited: count(counters, 'framesUnsolicited'),
    inFlightAtEnd: count(counters, 'framesInFlightAtEnd'),
    unsent: count(counters, 'framesUnsent'),
    unsentBy: {
      generator: count(counters, 'unsent:generator'),
      backpressure: count(counters, 'unsent:backpressure'),
      connecting: count(counters, 'unsent:connecting'),
      ended: count(counters, 'unsent:ended'),
    },
    oneWay: count(counters, 'framesOneWay'),
    receivedOneWay: count(counters, 'framesReceivedOneWay'),
    pushed: count(counters, 'framesPushed'),
    pushUnstamped: count(counters, 'framesPushUnstamped'),
    pushAhead: count(counters, 'framesPushAhead'),
  };
}

/**
 * Both frames and bytes count when they were done, within the measured time: what the target answers after the load has
 * ended is no throughput under it.
 */
function throughput({ measured, measuredUs }: CohortTotals): Throughput {
  const seconds = measuredUs / 1e6;
  const perSecond = (amount: number): number => (seconds === 0 ? 0 : amount / seconds);
  return {
    seconds,
    framesPerSecond: perSecond(
      count(measured, 'framesMatched') + count(measured, 'framesOneWay') + count(measured, 'framesPushed'),
    ),
    sentBytesPerSecond: perSecond(count(measured, 'bytesSent')),
    receivedBytesPerSecond: perSecond(count(measured, 'bytesReceived')),
  };
}
