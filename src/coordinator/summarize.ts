import { COUNTER, type CounterName, type Counters } from '../measure/counters.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from '../measure/outcome.ts';
import type { Manifest } from '../store/manifest.ts';
import {
  SUMMARY_VERSION,
  type AddressTotals,
  type DialTotals,
  type FrameTotals,
  type HealthSignal,
  type Summary,
  type Throughput,
  type Verdict,
} from '../store/summary.ts';
import { INTERVAL_US } from '../schedule/interval-schedule.ts';
import type { RunTotals } from './run-totals.ts';

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
}

/** What a run came to, from the merged counts and histograms of its shards. */
export function summarize(inputs: SummaryInputs): Summary {
  const { manifest, totals } = inputs;
  const { tool, id, label, startedAt, engine, engineReason, workers, seed, target, profile, host } = manifest;
  const { socket } = totals;
  const { counters } = totals;
  const open = profile.load.ratePerSecond !== null || profile.load.totalRatePerSecond !== null;
  const loadModel = open ? 'open' : 'closed';
  const { endedEarly } = inputs;
  const seconds = totals.endUs / 1e6;
  const { interrupted } = inputs;
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
    verdict: verdict(totals),
    dials: dialTotals(totals, engine),
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
    throughput: throughput(totals),
    addresses: addressTotals(inputs),
    intervals: { seconds: INTERVAL_US / 1e6, count: totals.intervals },
    shards: totals.fates,
    notes: inputs.notes,
    health: { score: healthScore(totals), signals: healthSignals(totals) },
  };
}

function count(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

function verdict(totals: RunTotals): Verdict {
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
  return {
    ok: failure === null,
    valid: lost.length === 0 && totals.violations.length === 0,
    reasons,
    thresholds: [],
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

function addressTotals({ totals, addresses }: SummaryInputs): AddressTotals[] {
  return addresses.map((address, index) => ({ address, ...totals.address(index) }));
}

/** The share of the run's shards that delivered everything: what is missing was the generator's own loss. */
function healthScore({ fates }: RunTotals): number {
  return fates.filter(({ state }) => state === 'finished').length / fates.length;
}

function healthSignals(totals: RunTotals): HealthSignal[] {
  const lost = totals.fates.filter(({ state }) => state === 'lost').length;
  const signals: HealthSignal[] = [{ name: 'shardsLost', value: lost, unit: 'shards', ok: lost === 0 }];
  const { loopUtilization } = totals;
  if (loopUtilization !== null) {
    const ok = loopUtilization < LOOP_UTILIZATION_WARN;
    signals.push({ name: 'loopUtilizationMax', value: loopUtilization, unit: 'share', ok });
  }
  return signals;
}

/**
 * A closed loop on one worker uses its loop up by design when the target is fast; above this share the worker's own
 * speed decides the throughput.
 */
const LOOP_UTILIZATION_WARN = 0.9;
