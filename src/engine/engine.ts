import type { SocketOptions } from './socket-options.ts';
import type { TlsMaterial } from './tls-material.ts';

/**
 * The engine contract, in completion style: the session asks by slot number, the engine tells by calling its events.
 * A slot is an integer below `slots`; it is free until `dial` and again after `dialFailed` or `closed`, of which a
 * dial brings about exactly one in the end. No event of a socket comes for a free slot; a deadline can be set on any
 * slot, outlives its dial, and ends with its connection. After `destroy` the slot's only socket event is `closed`.
 * All events come from the engine's loop, never from inside a request, so a session may call any request in any event.
 * Times are monotonic microseconds (base/clock.ts), taken as near to the system call as the engine can.
 */
export interface Engine {
  readonly name: EngineName;
  readonly capabilities: EngineCapabilities;

  /** Starts to connect `slot`; `dialed` or `dialFailed` follows. With TLS, `secured` follows `dialed`. */
  dial(slot: number, request: DialRequest): void;

  /**
   * Where to write what is to be sent: `outboxBytes` from `outboxStart` on. Read both anew before every encode: the
   * engine moves on when it still needs what was written.
   */
  readonly outbox: Buffer;
  readonly outboxStart: number;
  /** The largest single send. */
  readonly outboxBytes: number;

  /**
   * Sends `outbox[start, end)`. True: the kernel has it all. False: the rest is kept by the engine, and `writable`
   * tells when it is gone; send nothing more on this slot until then.
   */
  send(slot: number, start: number, end: number): boolean;

  /**
   * As `send`, but the engine may put it off until other connections' sends of this turn are written, to make all by
   * one call. It then answers true, and `stalled` follows in this turn if the kernel did not take it all.
   */
  sendTogether(slot: number, start: number, end: number): boolean;

  /** Closes in order: FIN after the queued bytes, then `closed` without failure. */
  close(slot: number): void;

  /** Says that nothing more will be sent: FIN after the queued bytes. Receiving goes on. */
  halfClose(slot: number): void;

  /** Gives the connection up at once: nothing queued is sent. `closed` follows without failure. */
  destroy(slot: number): void;

  /** Gives it up with RST instead of FIN. `closed` follows without failure. */
  reset(slot: number): void;

  /** Stops and resumes reading on a slot. What one read (64 KiB at most) had taken before is still delivered. */
  pause(slot: number): void;
  resume(slot: number): void;

  /** Calls `expired(slot, timer)` at or after `atUs`; replaces an earlier deadline of the same timer. */
  setDeadline(slot: number, timer: TimerKind, atUs: number): void;
  clearDeadline(slot: number, timer: TimerKind): void;

  /** The socket options that the kernel really has for a connected slot, by name; null where it cannot be seen. */
  socketFacts(slot: number): Record<string, number | string> | null;

  nowUs(): number;

  /** Share of the time since `run()` in which the loop did not wait for anything, 0 to 1. */
  readonly utilization: number;

  /** Runs the loop until `stop()`; resolves when every socket is closed and every timer gone. */
  run(): Promise<void>;
  /** Destroys what is still open, `closed` coming for each; no deadline fires and no tick comes any more. */
  stop(): void;
}

export type EngineName = 'node' | 'epoll';

/** The deadlines a slot can have at one time. */
export const TIMER_KINDS = ['read', 'write', 'pace', 'life', 'beat'] as const;
export type TimerKind = (typeof TIMER_KINDS)[number];

/** The place of a kind in TIMER_KINDS. Comparisons, because a search costs some 50 ns, several times a frame. */
export function timerIndex(kind: TimerKind): number {
  switch (kind) {
    case 'read':
      return 0;
    case 'write':
      return 1;
    case 'pace':
      return 2;
    case 'life':
      return 3;
    case 'beat':
      return 4;
    default:
      throw kind satisfies never;
  }
}

export interface EngineCapabilities {
  /** Knows how many bytes of a failed send the kernel took. */
  exactPartialWrites: boolean;
  /** Reads TCP_INFO: SYN retransmissions, acknowledged bytes. */
  tcpInfo: boolean;
  /** Binds dials to chosen source addresses. */
  sourceAddress: boolean;
  /** Sets every socket option of SocketOptions; without it noDelay alone. */
  socketOptions: boolean;
  tls: boolean;
  unixSockets: boolean;
}

export interface EngineEvents {
  dialed(slot: number, nowUs: number, facts: DialFacts): void;
  dialFailed(slot: number, nowUs: number, failure: Failure, facts: DialFacts): void;
  /** The TLS handshake is done. */
  secured(slot: number, nowUs: number): void;
  /** Bytes arrived; the chunk is valid during the call only. */
  received(slot: number, chunk: Readonly<Chunk>, nowUs: number): void;
  /** The peer's FIN: nothing more will be received; sending is still possible. */
  ended(slot: number, nowUs: number): void;
  /**
   * The kernel did not take all of the `bytes` of a `sendTogether` that was answered with true: the engine keeps the
   * rest, as if it had been answered with false. Where more was sent on the slot since, that was answered with false.
   */
  stalled(slot: number, nowUs: number, bytes: number): void;
  /** What `send` could not place at once is now with the kernel: once for each stall. */
  writable(slot: number, nowUs: number): void;
  /** The connection is gone and its slot free. `failure` is null where the session had asked for the end. */
  closed(slot: number, nowUs: number, failure: Failure | null, unsent: ClosingFacts): void;
  expired(slot: number, timer: TimerKind, nowUs: number): void;
  /** Once a loop, at least every `TICK_MS_MAX`: the place to read control words and take snapshots. */
  tick(nowUs: number): void;
}

/** Received bytes: `bytes[start, end)`. */
export interface Chunk {
  bytes: Buffer;
  start: number;
  end: number;
}

/** What the kernel tells of a dial that has ended. */
export interface DialFacts {
  /** SYNs that were sent again before one was answered; null where the engine cannot see it. */
  synRetransmits: number | null;
}

/** What is left to say of a connection when it ends. */
export interface ClosingFacts {
  /** Of the send that was under way: what the kernel took of it and what it did not; zeros where none was. */
  bytesAccepted: number;
  bytesUnsent: number;
  /** False where the engine cannot see what the kernel took: it then counts the whole send as unsent. */
  exact: boolean;
  /** Whether the kernel refused that send at once, with an errno: it never waited for the peer. Not seen: false. */
  refused: boolean;
  /** When the kernel last took bytes of that send that had waited, in the engine's time; null where it took none. */
  takenUs: number | null;
  /** Bytes of the whole connection that the peer's kernel acknowledged; null where the engine cannot see it. */
  bytesAcked: number | null;
  /** Bytes that had come and were not read; at a close they turn the FIN into a RST. Null where it cannot be seen. */
  bytesUnread: number | null;
  /** Bytes that the kernel took and the peer's had not acknowledged; null where the engine cannot see it. */
  bytesUnacked: number | null;
  /** How often in a row the kernel had sent bytes again that stayed unacknowledged; null where it cannot be seen. */
  retransmits: number | null;
  /** When the peer's kernel last sent anything, in the engine's time; null where the engine cannot see it. */
  peerSentUs: number | null;
  /** SYNs sent again by a dial that was given up; null for a connection that was up, or where it cannot be seen. */
  synRetransmits: number | null;
}

/** The facts of a connection of which nothing was under way and nothing was seen. */
export const NOTHING_SEEN: Readonly<ClosingFacts> = {
  bytesAccepted: 0,
  bytesUnsent: 0,
  exact: true,
  refused: false,
  takenUs: null,
  bytesAcked: null,
  bytesUnread: null,
  bytesUnacked: null,
  retransmits: null,
  peerSentUs: null,
  synRetransmits: null,
};

/** What the socket said, verbatim. */
export interface Failure {
  /** Name of the errno, for example ECONNRESET, or a TLS error code. */
  errno: string;
  /** Its number (positive), 0 where there is none. */
  errnoNumber: number;
  /** The system call that reported it, or `handshake`. */
  syscall: string;
}

export interface DialRequest {
  address: TargetAddress;
  options: SocketOptions;
  /** Local address to dial from; null: the kernel chooses. Needs `sourceAddress`. */
  sourceIp: string | null;
  tls: TlsMaterial | null;
}

export type TargetAddress = { family: 4 | 6; host: string; port: number } | { family: 'unix'; path: string };

export interface EngineOptions {
  /** Slots are 0..slots-1. */
  slots: number;
  /** The largest single send. */
  outboxBytes: number;
}

/**
 * A dial to a port of this machine that nobody listens on, for which the kernel chose that very port as its own: TCP then
 * connects the socket to itself, and every frame would come back. No listener is what ECONNREFUSED says of it.
 * Source: RFC 9293, section 3.5 (simultaneous open).
 */
export const MET_ITSELF: Failure = { errno: 'ECONNREFUSED', errnoNumber: 111, syscall: 'getpeername' };
