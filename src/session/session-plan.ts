import type { TargetAddress } from '../engine/engine.ts';
import type { SocketOptions } from '../engine/socket-options.ts';
import type { TlsMaterial } from '../engine/tls-material.ts';
import type { FrameFormat } from '../framing/frame-format.ts';
import type { PushStamp } from '../framing/push-stamp.ts';
import type { PayloadSize } from '../framing/payload-size.ts';
import type { Backoff } from '../schedule/backoff.ts';
import type { Lifetime } from '../schedule/lifetime.ts';
import type { ArrivalKind } from '../schedule/open-schedule.ts';
import type { RateStage } from '../schedule/rate-curve.ts';

/**
 * What all sessions of one cohort have in common: plain data that crosses threads by structured clone, with every
 * file read, every name resolved and every unit explicit.
 */
export interface SessionPlan {
  addresses: TargetAddress[];
  tls: TlsMaterial | null;
  socket: SocketOptions;
  /** Local addresses that dials take in turn; none: the kernel chooses. */
  sourceIps: string[];
  frame: { format: FrameFormat; header: Uint8Array | null; maxBytes: number };
  payload: PayloadPlan;
  preface: { send: Uint8Array | null; expect: Uint8Array | null; timeoutUs: number };
  load: LoadPlan;
  /** Frames leave together at multiples of this time; 0: each when it is due. @default 0 */
  paceGridUs?: number;
  match: { mode: 'fifo' | 'id' | 'none'; verifyEcho: boolean };
  heartbeat: HeartbeatPlan | null;
  /** When the plan closes a connection before the run ends: its age since it could send, or frames sent; null: never. */
  lifetime: Lifetime | null;
  /** Whether a connection that ended is dialled again. */
  reconnect: 'none' | 'immediate' | 'backoff';
  /** The pauses before dials are repeated; null unless `reconnect` is `backoff`. */
  backoff: Backoff | null;
  /** How the plan closes: in order, by RST, or by FIN right after the last frame with replies still awaited. */
  close: 'fin' | 'reset' | 'half';
  timeouts: { connectUs: number; readUs: number; writeUs: number };
  /** Connections of the cohort in all shards: a session's number lies below it. */
  connections: number;
  /** Connections of the cohorts before this one, by which stamps number the connections of the whole run. */
  firstConnection: number;
  /** The cohort's own, so that two cohorts draw differently. */
  seed: number;
  warmupUs: number;
  durationUs: number;
}

/** Either a size (generated content) or a message (the same bytes in every frame). */
export interface PayloadPlan {
  size: PayloadSize | null;
  message: Uint8Array | null;
  stamp: boolean;
  /** Where connections only listen: the time that the target writes into what it pushes. @default null */
  pushStamp?: PushStamp | null;
}

/** Frames that ask whether the target lives; each is owed a reply within `timeoutUs`. */
export interface HeartbeatPlan {
  everyUs: number;
  /** Sent as it is, without a stamp; null: the ordinary payload. */
  payload: Uint8Array | null;
  timeoutUs: number;
}

export type LoadPlan =
  /** `listens`: nothing is sent but heartbeats, and what comes unasked is pushed. */
  | { model: 'closed'; window: number; thinkUs: number; listens?: boolean }
  | {
      model: 'open';
      /** At the run's start. */
      totalRatePerSecond: number;
      /** How the rate goes on. @default it stays */
      stages?: readonly RateStage[];
      /** @default constant */
      arrivals?: ArrivalKind;
      window: number | null;
    };

/** Whether connections only listen, apart from heartbeats. */
export function listens(load: LoadPlan): boolean {
  return load.model === 'closed' && load.listens === true;
}
