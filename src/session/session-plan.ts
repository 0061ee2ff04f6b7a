import type { TargetAddress } from '../engine/engine.ts';
import type { TlsMaterial } from '../engine/tls-material.ts';
import type { FrameFormat } from '../framing/frame-format.ts';
import type { PayloadSize } from '../framing/payload-size.ts';

/**
 * What all sessions of one shard have in common: plain data that crosses threads by structured clone, with every
 * file read, every name resolved and every unit explicit.
 */
export interface SessionPlan {
  addresses: TargetAddress[];
  tls: TlsMaterial | null;
  noDelay: boolean;
  frame: { format: FrameFormat; header: Uint8Array | null; maxBytes: number };
  payload: PayloadPlan;
  preface: { send: Uint8Array | null; expect: Uint8Array | null; timeoutUs: number };
  load: LoadPlan;
  match: { mode: 'fifo' | 'id' | 'none'; verifyEcho: boolean };
  timeouts: { connectUs: number; readUs: number; writeUs: number };
  /** Connections of the whole run: a session's number lies below it. */
  connections: number;
  seed: number;
  warmupUs: number;
  durationUs: number;
}

/** Either a size (generated content) or a message (the same bytes in every frame). */
export interface PayloadPlan {
  size: PayloadSize | null;
  message: Uint8Array | null;
  stamp: boolean;
}

export type LoadPlan =
  | { model: 'closed'; window: number; thinkUs: number }
  | { model: 'open'; totalRatePerSecond: number; window: number | null };
