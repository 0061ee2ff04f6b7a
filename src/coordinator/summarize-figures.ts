import { COUNTER, type CounterName, type Counters } from '../measure/counters.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from '../measure/outcome.ts';
import type { CohortFigures, DialTotals, FrameTotals, Throughput } from '../store/summary.ts';
import type { CohortTotals } from './cohort-totals.ts';

/**
 * What a cohort, or the whole of a run, came to, as it is stored.
 * @param run the engine's name, and how long the time was that makes results
 */
export function summarizeFigures(
  totals: CohortTotals,
  run: { engine: string; measuredSeconds: number },
): CohortFigures {
  const { counters } = totals;
  return {
    dials: dialTotals(totals, run.engine),
    connections: {
      opened: count(counters, 'dial:connected'),
      peakOpen: totals.peakOpen,
      openAtEnd: count(counters, 'openNow'),
      closedUnread: count(counters, 'closesUnread'),
      bytesUnread: count(counters, 'bytesUnread'),
      ghosts: count(counters, 'ghosts'),
    },
    sessions: sessionTotals(counters),
    frames: frameTotals(counters),
    bytes: { sent: count(counters, 'bytesSent'), received: count(counters, 'bytesReceived') },
    heartbeats: {
      sent: count(counters, 'heartbeatsSent'),
      answered: count(counters, 'heartbeatsAnswered'),
    },
    writes: { stalls: count(counters, 'writeStalls'), partial: totals.partialWrites },
    errors: totals.errors,
    histograms: totals.histograms.summaries(),
    throughput: throughput(totals.measured, run.measuredSeconds),
  };
}

/** A counter's value by its name. */
export function count(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

function dialTotals({ counters, synRetransmits }: CohortTotals, engine: string): DialTotals {
  const visible = engine === 'epoll';
  const stalled = synRetransmits.slice(1).reduce((sum, dials) => sum + dials, 0);
  return {
    attempted: count(counters, 'dialsAttempted'),
    connected: count(counters, 'dial:connected'),
    stalled: visible ? stalled : null,
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
    oneWay: count(counters, 'framesOneWay'),
    receivedOneWay: count(counters, 'framesReceivedOneWay'),
  };
}

function throughput(measured: Counters, seconds: number): Throughput {
  const perSecond = (amount: number): number => (seconds === 0 ? 0 : amount / seconds);
  return {
    seconds,
    framesPerSecond: perSecond(count(measured, 'framesMatched') + count(measured, 'framesOneWay')),
    sentBytesPerSecond: perSecond(count(measured, 'bytesSent')),
    receivedBytesPerSecond: perSecond(count(measured, 'bytesReceived')),
  };
}

