import { COUNTER, type CounterName, type Counters } from '../measure/counters.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from '../measure/outcome.ts';
import { isOpenModel } from '../profile/load-model.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RecordFacts } from '../store/record-facts.ts';
import {
  SUMMARY_VERSION,
  type AddressTotals,
  type ConnectionTotals,
  type DialTotals,
  type FrameTotals,
  type Summary,
  type Throughput,
  type Verdict,
} from '../store/summary.ts';
import { reconnectTotals } from './reconnect-totals.ts';
import { INTERVAL_US } from '../schedule/interval-schedule.ts';
import type { HealthVerdict } from './health/judge-run.ts';
import type { RunTotals } from './run-totals.ts';
import type { RunFacts } from './threshold/observed-figures.ts';
import type { ThresholdJudge } from './threshold/threshold-judge.ts';

export interface SummaryInputs {
  manifest: Manifest;
  totals: RunTotals;
  /** The target's addresses in the order of the totals, as text. */
  addresses: string[];
  /** Why the run ended before its planned duration; null when it did not. */
  endedEarly: string | null;
  /** Whether a signal ended it. */
  interrupted: boolean;
  notes: string[];
  record: RecordFacts;
  health: HealthVerdict;
  thresholds: ThresholdJudge;
}

/** What a run came to, from the merged counts and histograms of its shards. */
export function summarize(inputs: SummaryInputs): Summary {
  const { manifest, totals } = inputs;
  const { tool, id, label, startedAt, engine, engineReason, workers, seed, target, profile, host } = manifest;
  const { socket } = totals;
  const { counters } = totals;
  const loadModel = isOpenModel(profile) ? 'open' : 'closed';
  const { endedEarly } = inputs;
  const seconds = totals.endUs / 1e6;
  const { interrupted } = inputs;
  const dials = dialTotals(totals, engine);
  const { health } = inputs.health;
  const facts = {
    id,
    label,
    startedAt,
    seconds,
    engine,
    engineReason,
    socket,
    workers,
    seed,
    target,
    profile,
    host,
    interrupted,
  };
  return {
    version: SUMMARY_VERSION,
    tool,
    run: { ...facts, loadModel, endedEarly },
    verdict: verdict(inputs, { stalledDials: dials.stalled, healthScore: health.score }),
    dials,
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
    addresses: addressTotals(inputs),
    intervals: { seconds: INTERVAL_US / 1e6, count: totals.intervals },
    record: inputs.record,
    shards: totals.fates,
    events: totals.steering.events,
    notes: inputs.notes,
    health,
  };
}

function count(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

function verdict({ totals, health, thresholds: judge }: SummaryInputs, facts: RunFacts): Verdict {
  const lost = totals.fates.filter(({ state }) => state === 'lost');
  const reasons = [
    ...totals.violations.map((sentence) => `a bug of Tidemark, the counts do not add up: ${sentence}`),
    ...lost.map(
      ({ index, reason }) =>
        `shard ${index} of ${totals.fates.length} was lost (${reason}); its connections are counted as far as ` +
        'it had delivered',
    ),
  ];
  const failure = lost.length === 0 ? whyNothingDone(totals) : null;
  if (failure !== null) reasons.push(failure);
  if (health.reason !== null) reasons.push(health.reason);
  const thresholds = judge.results(() => facts);
  const failed = thresholds.filter(({ ok }) => !ok);
  reasons.push(...failed.map(({ expr, why }) => `the threshold '${expr}' failed: ${why}`));
  return {
    ok: failure === null && failed.length === 0,
    valid: lost.length === 0 && totals.violations.length === 0 && health.reason === null,
    reasons,
    thresholds,
  };
}

/** A run in which nothing worked must not pass, whatever its thresholds; null where something did. */
function whyNothingDone({ counters }: RunTotals): string | null {
  if (count(counters, 'dial:connected') === 0) {
    // Dials that the plan's end cut short say nothing of the target.
    const ended = count(counters, 'dialsAttempted') - count(counters, 'dial:abandoned');
    return ended === 0 ? 'the run ended before any dial did' : 'no connection could be made';
  }
  const done = count(counters, 'framesMatched') + count(counters, 'framesOneWay');
  if (done > 0) return null;
  if (count(counters, 'framesSent') > 0) return 'not one frame was answered as planned';
  return 'no session came as far as to send a frame';
}

function connectionTotals({ counters, peakOpen }: RunTotals): ConnectionTotals {
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

function dialTotals({ counters, synRetransmits }: RunTotals, engine: string): DialTotals {
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
    unsentBy: {
      generator: count(counters, 'unsent:generator'),
      backpressure: count(counters, 'unsent:backpressure'),
      connecting: count(counters, 'unsent:connecting'),
      ended: count(counters, 'unsent:ended'),
    },
    oneWay: count(counters, 'framesOneWay'),
    receivedOneWay: count(counters, 'framesReceivedOneWay'),
  };
}

/**
 * A frame belongs to the measured time by its intended start, as in the histograms: a reply that comes in the drain
 * counts, one to a frame of the warm-up does not. Bytes have no intended start and count when they pass.
 */
function throughput({ counters, measured, measuredUs }: RunTotals): Throughput {
  const seconds = measuredUs / 1e6;
  const perSecond = (amount: number): number => (seconds === 0 ? 0 : amount / seconds);
  const done = count(counters, 'framesMatched') + count(counters, 'framesOneWay');
  const inWarmup = count(counters, 'framesMatchedInWarmup') + count(counters, 'framesOneWayInWarmup');
  return {
    seconds,
    framesPerSecond: perSecond(done - inWarmup),
    sentBytesPerSecond: perSecond(count(measured, 'bytesSent')),
    receivedBytesPerSecond: perSecond(count(measured, 'bytesReceived')),
  };
}

function addressTotals({ totals, addresses }: SummaryInputs): AddressTotals[] {
  return addresses.map((address, index) => ({ address, ...totals.address(index) }));
}
