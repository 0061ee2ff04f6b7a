import type { ClosingFacts, Failure } from '../engine/engine.ts';
import { COUNTER } from '../measure/counters.ts';
import type { DialOutcome, Phase, SessionOutcome } from '../measure/outcome.ts';
import type { CutSend } from './cut-frame.ts';
import type { SessionContext } from './session-context.ts';
import type { SessionPlan } from './session-plan.ts';

/** What is written down when a dial or a session has ended: where, how, and what the socket said. */
export function noteError(
  { meter, originUs }: SessionContext,
  end: { phase: Phase; outcome: SessionOutcome | DialOutcome; failure: Failure | null; nowUs: number },
): void {
  const { phase, outcome } = end;
  const { errno, errnoNumber, syscall } = end.failure ?? NO_FAILURE;
  meter.errors.note({ phase, outcome, errno, errnoNumber, syscall }, (end.nowUs - originUs) / 1000);
}

/** The ledger of a frame that was cut in its sending; frames behind it that were not begun were never sent. */
export function noteCutFrame(
  { meter, plan, arrivals }: SessionContext,
  end: { outcome: SessionOutcome; facts: ClosingFacts; cut: CutSend | null },
): void {
  const { outcome, facts, cut } = end;
  if (cut === null) return;
  const { bytesAcked, bytesUnacked, exact } = facts;
  const { bytesAccepted, bytesUnsent, framesNotBegun, bytesNotBegun } = cut;
  if (bytesAccepted > 0 || !exact) {
    const row = { cause: outcome, bytesAccepted, bytesUnsent, bytesAcked, bytesUnacked, exact };
    meter.partialWrites.note(row);
  }
  if (facts.refused) meter.counters[COUNTER.writeStalls]!--;
  const booked = plan.match.mode === 'none' ? 'framesOneWay' : owedCounter(outcome);
  meter.counters[COUNTER.bytesSent]! -= bytesNotBegun + bytesUnsent;
  meter.counters[COUNTER.framesSent]! -= framesNotBegun;
  meter.counters[COUNTER[booked]]! -= framesNotBegun;
  arrivals?.takeBack(framesNotBegun, facts.refused ? 'ended' : 'backpressure');
}

/** The ledger of a frame that was cut in its coming: `bytesReceived` of it had come, 0 where none was under way. */
export function noteCutReply(
  { meter }: SessionContext,
  end: { outcome: SessionOutcome; bytesReceived: number },
): void {
  if (end.bytesReceived > 0) meter.partialReads.note(end.outcome, end.bytesReceived);
}

/** Where frames are counted that were not answered when their session ended so. */
export function owedCounter(outcome: SessionOutcome): 'framesInFlightAtEnd' | 'framesLost' {
  return outcome === 'closed-by-plan' ? 'framesInFlightAtEnd' : 'framesLost';
}

/**
 * How long it took to find out, what was left unread or unacknowledged, and whether the connection was a ghost.
 * @param end `lastLifeUs`: when the session last saw a sign of life; `heard`: whether a byte ever came
 */
export function noteDiscovery(
  { meter, plan }: SessionContext,
  end: { outcome: SessionOutcome; facts: ClosingFacts; nowUs: number; lastLifeUs: number; heard: boolean },
): void {
  const { outcome, facts, nowUs } = end;
  const { bytesAcked, bytesUnacked, bytesUnread, retransmits } = facts;
  if (DETECTIONS.has(outcome)) {
    const silentUs = nowUs - lastSignUs(outcome, facts, end.lastLifeUs);
    meter.detected(outcome, silentUs, silentUs >= patienceUs(outcome, plan) / 2);
  }
  if (bytesUnread !== null && bytesUnread > 0) {
    meter.counters[COUNTER.closesUnread]!++;
    meter.counters[COUNTER.bytesUnread]! += bytesUnread;
  }
  if (bytesUnacked !== null && bytesUnacked > 0) {
    meter.counters[COUNTER.closesUnacked]!++;
    meter.counters[COUNTER.bytesUnacked]! += bytesUnacked;
  }
  // A FIN comes only from one who had the connection. Bytes that were sent once may be on their way still.
  const silent = !end.heard && !outcome.startsWith('peer-closed') && retransmits !== null && retransmits > 0;
  if (silent && bytesAcked === 0 && bytesUnacked !== 0) meter.counters[COUNTER.ghosts]!++;
}

/** The last sign of life of the peer: for the kernel's own detectors also what only the kernel saw. */
function lastSignUs(outcome: SessionOutcome, { takenUs, peerSentUs }: ClosingFacts, heardUs: number): number {
  if (outcome === 'write-timeout') return Math.max(heardUs, takenUs ?? -Infinity);
  return KERNEL_DETECTORS.has(outcome) ? Math.max(heardUs, peerSentUs ?? -Infinity) : heardUs;
}

/** How long a detector waited; a peer that gave a sign of life in the second half of that time is slow, not silent. */
function patienceUs(outcome: SessionOutcome, { timeouts, heartbeat }: SessionPlan): number {
  if (outcome === 'write-timeout') return timeouts.writeUs;
  if (outcome === 'heartbeat-missed') return heartbeat?.timeoutUs ?? 0;
  return KERNEL_DETECTORS.has(outcome) ? 0 : timeouts.readUs;
}

/** How many SYNs a dial needed beyond the first, where the engine can see it. */
export function noteSyns({ meter }: SessionContext, synRetransmits: number | null): void {
  if (synRetransmits !== null) meter.dialSynRetransmits(synRetransmits);
}

/** What a deadline of our own leaves behind: no errno and no system call. */
export const NO_FAILURE: Failure = { errno: '', errnoNumber: 0, syscall: '' };

/** Outcomes by which the kernel itself finds a silent peer. */
const KERNEL_DETECTORS: ReadonlySet<SessionOutcome> = new Set<SessionOutcome>([
  'keepalive-timeout',
  'user-timeout',
  'unreachable',
]);
/** Outcomes by which a silent peer is found, each by a detector of its own. */
const DETECTIONS: ReadonlySet<SessionOutcome> = new Set<SessionOutcome>([
  ...KERNEL_DETECTORS,
  'read-timeout',
  'read-timeout-mid-frame',
  'write-timeout',
  'heartbeat-missed',
]);
