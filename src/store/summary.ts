import type { HostFacts } from '../host/host-facts.ts';
import type { UnsentCause } from '../measure/counters.ts';
import type { ErrorRow } from '../measure/error-table.ts';
import type { HistogramSummary } from '../measure/latency-histogram.ts';
import type { Metric } from '../measure/metric.ts';
import type { DialOutcome, SessionOutcome } from '../measure/outcome.ts';
import type { PartialReadRow } from '../measure/partial-read-table.ts';
import type { PartialWriteRow } from '../measure/partial-write-table.ts';
import type { Health } from './health-summary.ts';
import type { AgeRow, HalfOpen, TargetProcess } from './soak-figures.ts';
import type { ToolFacts } from './manifest.ts';
import type { ClockEvent, RunEvent } from './run-event.ts';
import type { RecordFacts } from './record-facts.ts';
import type { Profile } from '../profile/profile.ts';
import type { FigureUnit } from '../profile/threshold/figure-kinds.ts';

/** Raised when a key of summary.json changes its meaning; new keys do not raise it. */
export const SUMMARY_VERSION = 1;

/**
 * What a run came to: summary.json, and what `tidemark run --json` prints. Times are in microseconds unless a name says
 * otherwise. Keys are stable once released; adding is free.
 */
export interface Summary extends CohortFigures {
  version: typeof SUMMARY_VERSION;
  tool: ToolFacts;
  run: RunFacts;
  verdict: Verdict;
  /** One row for every address the target resolved to. */
  addresses: AddressTotals[];
  /** How long an interval is as it was measured, and how many there were. */
  intervals: { seconds: number; count: number };
  /** What of them is stored. */
  record: RecordFacts;
  shards: ShardFate[];
  /** What users asked of the run while it was on (`tidemark ctl`), in order. */
  events: RunEvent[];
  /** Where the machine slept or its wall clock was set while the run was on, in order. */
  clockEvents: ClockEvent[];
  /** What a reader must know to read the numbers right, in sentences. */
  notes: string[];
  health: Health;
  /** The process that `--watch-pid` named; null where none was. */
  targetProcess: TargetProcess | null;
  /** The parts of the whole, by name; none where the profile has no cohorts. */
  cohorts: Record<string, CohortSummary>;
}

/** What the connections of a cohort, or all of a run, came to. */
export interface CohortFigures {
  dials: DialTotals;
  connections: ConnectionTotals;
  /** First cause wins: every opened connection ends in exactly one. Outcomes that did not occur may be absent. */
  sessions: Partial<Record<SessionOutcome, number>>;
  frames: FrameTotals;
  bytes: { sent: number; received: number };
  heartbeats: { sent: number; answered: number };
  writes: { stalls: number; partial: PartialWriteRow[] };
  reads: { partial: PartialReadRow[] };
  errors: ErrorRow[];
  /** Frames of the warm-up are left out of response, service and send lag; dials and stalls count from the start. */
  histograms: Record<Metric, HistogramSummary>;
  throughput: Throughput;
  /** Response times by the age of the connection; ages without a reply are left out. */
  byAge: AgeRow[];
  /** Connections that looked alive and answered nothing. */
  halfOpen: HalfOpen;
}

/** One cohort for itself. */
export interface CohortSummary extends CohortFigures {
  /** Connections by the plan; the most at one time where stages change it. */
  planned: number;
  loadModel: 'closed' | 'open';
  /** Socket options as the kernel has them; null where the engine cannot see them. */
  socket: Record<string, number | string> | null;
}

/** What ran, where, and for how long. */
export interface RunFacts {
  id: string;
  label: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** From the common start of the shards until the last of them had ended. */
  seconds: number;
  /** Name of the engine that ran, never `auto`. */
  engine: string;
  /** Why this engine and no other. */
  engineReason: string;
  /** Socket options as the kernel has them; null where the engine cannot see them. */
  socket: Record<string, number | string> | null;
  workers: number;
  seed: number;
  /** As the user gave it; the built-in target's address where none was given. */
  target: string;
  /** The effective profile. */
  profile: Profile;
  host: HostFacts;
  /** Closed: a connection sends when its reply has come. Open: it sends when the plan says so. */
  loadModel: 'closed' | 'open';
  /** Why the run ended before its planned duration; null when it did not. */
  endedEarly: string | null;
  /** Whether a signal ended it. */
  interrupted: boolean;
  /**
   * Of a run without an end: where its last interval ends, and when that was stored (ISO 8601, UTC). Absent from
   * summary.json, which only a run with an end has.
   */
  brokeOff?: { atSeconds: number; storedAt: string; stillOn: boolean };
}

/** Whether the run passed, and whether its numbers may be believed at all. */
export interface Verdict {
  /** False when a threshold failed. */
  ok: boolean;
  /** False when the numbers say more about the generator than about the target. */
  valid: boolean;
  /** Why it is not ok or not valid. */
  reasons: string[];
  thresholds: ThresholdResult[];
}

/** One threshold, and what it was held against. */
export interface ThresholdResult {
  expr: string;
  ok: boolean;
  /** In `unit`; null when there was nothing to observe, which fails the threshold. */
  observed: number | null;
  unit: FigureUnit;
  /** What it was held against, in `unit`. */
  demanded: number;
  /** Null: all cohorts together. */
  cohort: string | null;
  /** Length of the sliding window; null: the whole measured run. */
  windowSeconds: number | null;
  /** When the worst window, or the part of the run that was judged, ended; null: the run was judged as a whole. */
  worstAtMs: number | null;
  /** Why it failed, in words; null where it held. */
  why: string | null;
}

/** Dials by outcome: attempted is the sum of all of them. */
export interface DialTotals {
  attempted: number;
  connected: number;
  /** Dials whose SYN was sent again; null where the engine cannot see it. */
  stalled: number | null;
  refused: number;
  timedOut: number;
  unreachable: number;
  reset: number;
  /** Failed for want of the generator's own descriptors, ports or memory. */
  localLimit: number;
  other: number;
  /** Still in progress when the run ended. */
  abandoned: number;
  /** Dials, connected or not, by how often their SYN was sent again; empty where the engine cannot see it. */
  bySynRetransmits: Record<string, number>;
}

/** How many connections there were. */
export interface ConnectionTotals {
  opened: number;
  /** The most that were open at one time, to the second: each worker's most in a second, added up. */
  peakOpen: number;
  openAtEnd: number;
  /** Closed with bytes unread, which makes the kernel send RST in place of FIN; 0 where the engine cannot see it. */
  closedUnread: number;
  bytesUnread: number;
  /**
   * Ended otherwise than in order while the own send queue held bytes that the target's kernel had not acknowledged; 0
   * where the engine cannot see it. On connections that failed, sent bytes less these are those that arrived.
   */
  closedUnacked: number;
  bytesUnacked: number;
  /**
   * Ghosts: connected for us, but never a byte from the target, whose kernel acknowledged nothing of what was sent.
   * Its accept queue had overflowed. 0 where the engine cannot see it.
   */
  ghosts: number;
  reconnects: ReconnectTotals;
}

/** Dials that replaced a connection (`connections.reconnect`), by what had ended that connection or its dial. */
export interface ReconnectTotals {
  total: number;
  /** After a dial that failed so; outcomes after which none was made are absent. */
  byDial: Partial<Record<DialOutcome, number>>;
  /** After a session that ended so; likewise. */
  bySession: Partial<Record<SessionOutcome, number>>;
}

/** Frames by what became of them: sent = matched + lost + corrupt + inFlightAtEnd + oneWay. */
export interface FrameTotals {
  sent: number;
  received: number;
  matched: number;
  /** Of the matched: in no histogram, since their intended start lay within the warm-up. */
  matchedInWarmup: number;
  lost: number;
  duplicate: number;
  /** Of the matched: overtaken by a later frame's reply. */
  reordered: number;
  corrupt: number;
  unsolicited: number;
  inFlightAtEnd: number;
  /** Due by the plan and never sent: the sum of `unsentBy`. */
  unsent: number;
  /** Why they were not sent. */
  unsentBy: Record<UnsentCause, number>;
  /** Sent where no reply is expected. */
  oneWay: number;
  /** Received where no reply is expected. */
  receivedOneWay: number;
  /** Received by connections that only listen. */
  pushed: number;
  /** Of these: too short for the stamp that the plan says they carry. */
  pushUnstamped: number;
  /** Of these: the stamp lay ahead of this machine's clock. */
  pushAhead: number;
}

/** Means over the time that makes results, which is neither warm-up nor drain. */
export interface Throughput {
  /** Length of that time. */
  seconds: number;
  /** Frames a second that were due in that time and done, be it in the drain: answered as planned, or sent where no reply is expected. */
  framesPerSecond: number;
  sentBytesPerSecond: number;
  receivedBytesPerSecond: number;
}

/** How many dials went to one of the target's addresses. */
export interface AddressTotals {
  address: string;
  attempted: number;
  connected: number;
}

/** Whether a worker's slice of the run was delivered in full. */
export interface ShardFate {
  index: number;
  state: 'finished' | 'lost';
  /** Why it was lost; null when it was not. */
  reason: string | null;
}
