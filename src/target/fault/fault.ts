/** How long replies wait. */
export type DelayRule =
  | { kind: 'fixed'; us: number }
  | { kind: 'uniform'; minUs: number; maxUs: number }
  | { kind: 'exponential'; meanUs: number };

/** A stretch of the target's life; times count from its start. */
export interface Stretch {
  startUs: number;
  lengthUs: number;
}

/** One way to misbehave, as parsed from a `--fault` form. Shares are fractions above 0 and at most 1. */
export type Fault =
  | { name: 'never-accept' }
  | { name: 'accept-slowly'; perSecond: number }
  | ({ name: 'pause-accept' } & Stretch)
  /** `everyUs`: from one freeze's beginning to the next's; absent: there is one. */
  | ({ name: 'freeze'; everyUs?: number } & Stretch)
  | { name: 'close-at-accept' }
  /** `frames`: replies that are sent whole before. */
  | { name: 'fin-mid-frame'; frames: number }
  | { name: 'reset-mid-frame'; frames: number }
  | { name: 'reset-after'; bytes: number }
  | { name: 'stop-reading'; bytes: number }
  | { name: 'read-slowly'; bytesPerSecond: number }
  | { name: 'never-reply' }
  | { name: 'delay'; rule: DelayRule }
  /** `growth`: microseconds of delay that each microsecond of the target's life adds. */
  | { name: 'delay-grows'; growth: number }
  | { name: 'capacity'; perSecond: number }
  | { name: 'corrupt'; frameShare: number }
  | { name: 'duplicate'; frameShare: number }
  | { name: 'zero-length'; frameShare: number }
  | { name: 'oversize-length'; frames: number }
  | { name: 'reorder' }
  | { name: 'coalesce'; frames: number }
  | { name: 'dribble'; intervalUs: number }
  /** `stamp`: payloads begin with the time, u64be microseconds of CLOCK_MONOTONIC. */
  | { name: 'push'; perSecond: number; stamp: boolean };

export type FaultName = Fault['name'];

/** The fault of that name. */
export type FaultOf<Name extends FaultName> = Extract<Fault, { name: Name }>;

/** A fault and the connections it is laid on. */
export interface FaultSpec {
  /** As the user wrote it. */
  text: string;
  fault: Fault;
  /** Fraction of the connections, above 0 and at most 1; null: all of them, or the whole target. */
  share: number | null;
}

/** What the truth of a fault can count; the catalogue says which fault counts what. Times are in milliseconds. */
export type CountName =
  | 'accepted'
  /** Dials that the kernel had completed and the target had not accepted when it ended. */
  | 'waitingAtEnd'
  | 'fins'
  | 'resets'
  | 'stopped'
  | 'readBytes'
  /** Received by the kernel and never read; only counted where the target makes its own system calls. */
  | 'unreadBytes'
  | 'sentBytes'
  | 'framesUnanswered'
  | 'framesDelayed'
  | 'delayMsTotal'
  | 'delayMsMax'
  | 'framesCorrupted'
  | 'framesDuplicated'
  | 'framesEmptied'
  | 'framesOversized'
  | 'framesReordered'
  | 'framesCoalesced'
  | 'writes'
  | 'bytesDribbled'
  | 'framesPushed';
