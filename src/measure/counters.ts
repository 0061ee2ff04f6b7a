import { DIAL_OUTCOMES, SESSION_OUTCOMES, type DialOutcome, type SessionOutcome } from './outcome.ts';

/**
 * Why a frame of the open model was due and not sent.
 * - `generator`: the loop was too late, or a dial failed for want of this machine's own means
 * - `backpressure`: the target took no more (a stalled send), or owed too many replies (a full window)
 * - `connecting`: the connection did not come up, or not within the time that a dial may take
 * - `ended`: the connection had ended, and none was up in its place
 */
export const UNSENT_CAUSES = ['generator', 'backpressure', 'connecting', 'ended'] as const;
export type UnsentCause = (typeof UNSENT_CAUSES)[number];

const PLAIN_COUNTERS = [
  'dialsAttempted',
  'framesSent',
  'framesReceived',
  'framesMatched',
  /** Of the matched: intended start within the warm-up, hence not in the histograms. */
  'framesMatchedInWarmup',
  /** Sent on sessions that failed before the reply came. */
  'framesLost',
  'framesDuplicate',
  /** Of the matched: overtaken by a later frame's reply. */
  'framesReordered',
  'framesCorrupt',
  'framesUnsolicited',
  /** Sent where no reply is expected (`match: none`). */
  'framesOneWay',
  /** Of these: intended start within the warm-up. */
  'framesOneWayInWarmup',
  /** Received where no reply is expected (`match: none`): whatever the target sends of its own accord. */
  'framesReceivedOneWay',
  /** Received by connections that only listen. */
  'framesPushed',
  /** Of these, where the plan says that they carry a stamp: too short to hold one. */
  'framesPushUnstamped',
  /** Of these: the stamp lay ahead of this machine's clock, and the latency counts as 0. */
  'framesPushAhead',
  /** Still awaiting their reply when the drain ended. */
  'framesInFlightAtEnd',
  /** Due by the plan and never sent; the sum of `unsent:...`, which say why. */
  'framesUnsent',
  'bytesSent',
  'bytesReceived',
  'writeStalls',
  /** Heartbeats are no frames of the load and are in no other count of frames. */
  'heartbeatsSent',
  'heartbeatsAnswered',
  /** Connections that were closed with bytes unread, which makes the kernel send RST in place of FIN. */
  'closesUnread',
  'bytesUnread',
  /** Connections that ended with bytes in the own send queue that the peer's kernel had not acknowledged. */
  'closesUnacked',
  'bytesUnacked',
  /** Connections that never brought a byte and of which the target's kernel acknowledged none of what was sent. */
  'ghosts',
  /** Connections that are open now: a gauge, not a sum. */
  'openNow',
] as const;

export type CounterName =
  | (typeof PLAIN_COUNTERS)[number]
  | `unsent:${UnsentCause}`
  | `dial:${DialOutcome}`
  | `session:${SessionOutcome}`
  | `reconnect:dial:${DialOutcome}`
  | `reconnect:session:${SessionOutcome}`;

/** Every counter, in the order of a snapshot's array. */
export const COUNTER_NAMES: readonly CounterName[] = [
  ...PLAIN_COUNTERS,
  ...UNSENT_CAUSES.map((cause): CounterName => `unsent:${cause}`),
  ...DIAL_OUTCOMES.map((outcome): CounterName => `dial:${outcome}`),
  ...SESSION_OUTCOMES.map((outcome): CounterName => `session:${outcome}`),
  // Dials that replaced a connection, by what had ended it or its dial.
  ...DIAL_OUTCOMES.map((outcome): CounterName => `reconnect:dial:${outcome}`),
  ...SESSION_OUTCOMES.map((outcome): CounterName => `reconnect:session:${outcome}`),
];

/** The position of each counter in a snapshot's array. */
export const COUNTER: Readonly<Record<CounterName, number>> = Object.fromEntries(
  COUNTER_NAMES.map((name, index) => [name, index]),
) as Record<CounterName, number>;

/** One shard's counters: a flat array of doubles, so that a snapshot is one copy and a merge one addition. */
export type Counters = Float64Array;

/** Every counter at 0. */
export function newCounters(): Counters {
  return new Float64Array(COUNTER_NAMES.length);
}

/** Adds every counter of `from` to `into`. */
export function addCounters(into: Counters, from: Counters): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + (from[i] ?? 0);
}

/** What was counted between two snapshots, by name, zeros left out; `openNow` is a gauge and never among them. */
export function counterDeltas(later: Counters, earlier: Counters): Partial<Record<CounterName, number>> {
  const deltas: Partial<Record<CounterName, number>> = {};
  for (const name of COUNTER_NAMES) {
    const delta = (later[COUNTER[name]] ?? 0) - (earlier[COUNTER[name]] ?? 0);
    if (delta !== 0 && name !== 'openNow') deltas[name] = delta;
  }
  return deltas;
}

/** Counters by name, zeros left out. */
export function counterValues(counters: Counters): Partial<Record<CounterName, number>> {
  const values: Partial<Record<CounterName, number>> = {};
  COUNTER_NAMES.forEach((name, index) => {
    const count = counters[index] ?? 0;
    if (count !== 0) values[name] = count;
  });
  return values;
}

/** Adds what `counterValues` gave; names that this version does not know are passed over. */
export function addCounterValues(into: Counters, values: Partial<Record<CounterName, number>>): void {
  COUNTER_NAMES.forEach((name, index) => (into[index] = (into[index] ?? 0) + (values[name] ?? 0)));
}
