import type { Failure } from '../engine.ts';

/** How a connection ended, kept until its last event is told. */
export interface Ending {
  failure: Failure | null;
  dialed: boolean;
  atUs: number;
  /** Whether the kernel is asked what became of the bytes: not after an orderly close, where it costs and tells nothing. */
  ask: boolean;
}
