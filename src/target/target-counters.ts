import type { FaultTruth } from './fault/fault-book.ts';

/**
 * What the target saw. `accepted` = `closed` + `reset` + `tlsFailed` + `openAtEnd`, at any moment.
 * Keys are stable, adding is free: `tidemark target --json` prints them.
 */
export interface TargetCounters {
  connections: {
    accepted: number;
    /** Refused by this machine, for want of descriptors or memory, and never open. */
    acceptFailed: number;
    /** Ended in order, or by the target's own refusal or fault. */
    closed: number;
    /** Ended by an error of the socket: RST, a broken pipe. */
    reset: number;
    /** The TLS handshake failed, took too long, or the client left before it was done. */
    tlsFailed: number;
    /** Open now, or when the target was closed. */
    openAtEnd: number;
    /** The most that were open at one time. */
    peak: number;
  };
  /** Whole frames; a byte stream (`--frame none`) has none. */
  frames: {
    received: number;
    /** Handed to the socket for sending. */
    sent: number;
    /** Longer than the maximum: the connection was closed. */
    oversize: number;
    /** An impossible length: the connection was closed. */
    malformed: number;
  };
  /** All application bytes: prefaces included, TLS records not. */
  bytes: { received: number; sent: number };
  prefaces: { sent: number; matched: number; mismatched: number };
  /** `stalled`: times that reading paused because a client did not take its replies. */
  writes: { stalled: number };
}

/** What a target saw and what its faults really did. */
export interface TargetTruth extends TargetCounters {
  /** In the order in which the faults were given. */
  faults: FaultTruth[];
}

/** What `tidemark target --json` prints when it ends, as one line. */
export interface TargetReport extends TargetTruth {
  /** Of this shape. */
  version: 1;
  address: string;
  /** From listening to closing. */
  seconds: number;
}

/** Counters that have counted nothing yet. */
export function newTargetCounters(): TargetCounters {
  return {
    connections: { accepted: 0, acceptFailed: 0, closed: 0, reset: 0, tlsFailed: 0, openAtEnd: 0, peak: 0 },
    frames: { received: 0, sent: 0, oversize: 0, malformed: 0 },
    bytes: { received: 0, sent: 0 },
    prefaces: { sent: 0, matched: 0, mismatched: 0 },
    writes: { stalled: 0 },
  };
}

/** Opens a connection in the books. */
export function countAccepted(counters: TargetCounters): void {
  const { connections } = counters;
  connections.accepted++;
  connections.openAtEnd++;
  connections.peak = Math.max(connections.peak, connections.openAtEnd);
}

/** Closes a connection in the books: each accepted one in exactly one way. */
export function countEnded(counters: TargetCounters, how: 'closed' | 'reset' | 'tlsFailed'): void {
  counters.connections[how]++;
  counters.connections.openAtEnd--;
}
