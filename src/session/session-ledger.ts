import type { ClosingFacts, Failure } from '../engine/engine.ts';
import { COUNTER } from '../measure/counters.ts';
import type { DialOutcome, Phase, SessionOutcome } from '../measure/outcome.ts';
import type { CutSend } from './cut-frame.ts';
import type { SessionContext } from './session-context.ts';

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
  const booked = plan.match.mode === 'none' ? 'framesOneWay' : owedCounter(outcome);
  meter.counters[COUNTER.bytesSent]! -= bytesNotBegun + bytesUnsent;
  meter.counters[COUNTER.framesSent]! -= framesNotBegun;
  meter.counters[COUNTER[booked]]! -= framesNotBegun;
  arrivals?.takeBack(framesNotBegun);
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

/** How long it took to find out, what was left unread or unacknowledged, and whether the connection was a ghost. */
export function noteDiscovery(
  { meter }: SessionContext,
  end: { outcome: SessionOutcome; facts: ClosingFacts; silentUs: number; unheard: boolean },
): void {
  const { bytesAcked, bytesUnacked, bytesUnread } = end.facts;
  if (DETECTIONS.has(end.outcome)) meter.detected(end.outcome, end.silentUs);
  if (bytesUnread !== null && bytesUnread > 0) {
    meter.counters[COUNTER.closesUnread]!++;
    meter.counters[COUNTER.bytesUnread]! += bytesUnread;
  }
  if (bytesUnacked !== null && bytesUnacked > 0) {
    meter.counters[COUNTER.closesUnacked]!++;
    meter.counters[COUNTER.bytesUnacked]! += bytesUnacked;
  }
  // Where our kernel took nothing either, its silence says nothing of the target.
  if (bytesAcked === 0 && bytesUnacked !== 0 && end.unheard) meter.counters[COUNTER.ghosts]!++;
}

/** How many SYNs a dial needed beyond the first, where the engine can see it. */
export function noteSyns({ meter }: SessionContext, synRetransmits: number | null): void {
  if (synRetransmits !== null) meter.dialSynRetransmits(synRetransmits);
}

/** What a deadline of our own leaves behind: no errno and no system call. */
export const NO_FAILURE: Failure = { errno: '', errnoNumber: 0, syscall: '' };

/** Outcomes by which a silent peer is found, each by a detector of its own. */
const DETECTIONS: ReadonlySet<SessionOutcome> = new Set<SessionOutcome>([
  'read-timeout',
  'read-timeout-mid-frame',
  'write-timeout',
  'keepalive-timeout',
  'user-timeout',
  'unreachable',
  'heartbeat-missed',
]);
