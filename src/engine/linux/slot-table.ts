import { EPOLLIN, EPOLLOUT } from './abi.ts';

/** Where a slot is in its life; `gone` waits for its last event, which is not told from inside a request. */
export const FREE = 0;
export const DIALING = 1;
export const CONNECTED = 2;
export const CLOSING = 3;
export const GONE = 4;

/** The longest that an orderly close waits: a run whose plan is over must end. The kernel then goes on by itself. */
const LINGER_SECONDS_MAX = 10;

/** What an engine knows of its connections: a few numbers each, in typed arrays indexed by slot. */
export class SlotTable {
  readonly state: Uint8Array;
  readonly fd: Int32Array;
  /** Grows with every dial, so that an event of the slot's last connection is told from this one's. */
  readonly generation: Int32Array;
  /** What epoll watches the descriptor for: while it dials, for the dial's end. */
  readonly interest: Int32Array;
  /** 4 or 6; 0 for a unix socket. */
  readonly family: Uint8Array;
  /** 1 after the peer's FIN. */
  readonly ended: Uint8Array;
  /** 1 once the session will send nothing more. */
  readonly halfClosed: Uint8Array;
  /** 1 while the session does not want to be told of received bytes. */
  readonly paused: Uint8Array;

  /** Seconds that an orderly close may still wait for unacknowledged bytes; 0: the socket has no linger time. */
  readonly lingerSeconds: Int32Array;

  constructor(slots: number) {
    this.state = new Uint8Array(slots);
    this.fd = new Int32Array(slots).fill(-1);
    this.generation = new Int32Array(slots);
    this.interest = new Int32Array(slots);
    this.family = new Uint8Array(slots);
    this.ended = new Uint8Array(slots);
    this.halfClosed = new Uint8Array(slots);
    this.paused = new Uint8Array(slots);
    this.lingerSeconds = new Int32Array(slots);
  }

  /** Takes a free slot for a new connection. */
  take(slot: number, fd: number): void {
    this.state[slot] = DIALING;
    this.fd[slot] = fd;
    this.generation[slot] = ((this.generation[slot] as number) + 1) | 0;
    this.interest[slot] = EPOLLOUT;
    this.ended[slot] = 0;
    this.halfClosed[slot] = 0;
    this.paused[slot] = 0;
    this.lingerSeconds[slot] = 0;
  }

  /** The linger time that the socket was given; a longer one than LINGER_SECONDS_MAX is waited for in part. */
  setLinger(slot: number, seconds: number | null): void {
    this.lingerSeconds[slot] = Math.min(seconds ?? 0, LINGER_SECONDS_MAX);
  }

  /** Takes a second of the linger time; false where this was the last. */
  takeLinger(slot: number): boolean {
    const left = this.lingerSeconds[slot] as number;
    if (left <= 1) return false;
    this.lingerSeconds[slot] = left - 1;
    return true;
  }

  /** Whether the slot is open and its session wants what can be read. */
  reads(slot: number): boolean {
    const state = this.state[slot];
    return (state === CONNECTED || state === CLOSING) && this.readInterest(slot) !== 0;
  }

  /** What epoll has to watch for where the slot is read. */
  readInterest(slot: number): number {
    return this.ended[slot] === 1 || this.paused[slot] === 1 ? 0 : EPOLLIN;
  }

  release(slot: number): void {
    this.state[slot] = FREE;
    this.fd[slot] = -1;
  }
}
