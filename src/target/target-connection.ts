import type { Socket } from 'node:net';

import { createDecoder } from '../framing/decoder.ts';
import type { FrameDecoder } from '../framing/frame-decoder.ts';
import type { FrameFormat } from '../framing/frame-format.ts';
import type { AcceptTurn, Holdable } from './accept-turn.ts';
import { openReplyPath, type ConnectionFaults } from './fault/connection-faults.ts';
import type { FaultBook, FaultEnding } from './fault/fault-book.ts';
import { DELAYED_ACK_PAUSE_MS, HELD_REPLY_BYTES_MAX, SEAL_PAUSE_MS } from './fault/limits.ts';
import type { LimitedReader } from './fault/limited-reader.ts';
import type { Ending, Reply, ReplyLink, ReplySink } from './fault/reply.ts';
import type { ReplyPath } from './fault/reply-path.ts';
import { LINGER_MS_MAX } from './limits.ts';
import type { TargetCounters } from './target-counters.ts';

/**
 * What the target does with received bytes. `echo` sends back every byte as it came; `sink` reads and never answers,
 * for one-way traffic.
 */
export type TargetMode = 'echo' | 'sink';

/** How the target treats each connection. */
export interface ConnectionPlan {
  format: FrameFormat;
  maxPayloadBytes: number;
  mode: TargetMode;
  /** Sent as soon as a connection is there; null: nothing. */
  sendPreface: Uint8Array | null;
  /** What a client must send before its frames; null: nothing. */
  expectPreface: Uint8Array | null;
}

/** What the connections of one target have in common. */
export interface SharedState {
  counters: TargetCounters;
  turn: AcceptTurn;
  /** Called once when a connection's fault needs to be settled at the target's end. */
  settleAtEnd?: (settle: () => void) => void;
}

type State = 'preface' | 'frames' | 'refused';

/**
 * Reasons for which a connection is not read, as bits: the client does not take its replies; other connections wait to
 * be accepted; the target is frozen; a fault holds too many replies; a fault limits reading.
 */
const STALLED = 1;
const HELD = 2;
const FROZEN = 4;
const BACKLOGGED = 8;
const LIMITED = 16;

/**
 * The server's side of one connection: preface, then frames until the client's FIN, which is answered with FIN once
 * every reply is sent. The echo works on raw bytes; the decoder stands beside it, counts whole frames and finds those
 * that must be refused. A refused connection gets FIN, and what still arrives is thrown away. Where a fault changes
 * replies, they go whole and one by one through its stages instead.
 *
 * Reading goes through 'data' events: each chunk is a buffer of its own, so that it can be handed to `write` without
 * a copy even when the kernel takes only a part of it. One read buffer shared by all connections would need the
 * undocumented `_handle` here (`onread` is for dialling sockets only) and a copy per chunk; it was measured at 160k
 * against 137k echoed 64 B frames a CPU-second, 1000 connections. The node engine, the fastest client that needs to
 * be served, stays below 100k.
 */
export class TargetConnection implements Holdable {
  /** Whether the socket has reported an error: the connection did not end in order. */
  failed: boolean = false;

  readonly #socket: Socket;
  readonly #plan: ConnectionPlan;
  readonly #counters: TargetCounters;
  readonly #turn: AcceptTurn;
  readonly #decoder: FrameDecoder | null;
  #state: State;
  #prefaceBytes: number = 0;
  /** Why reading is paused; 0: it is not. */
  #pauses: number = 0;
  readonly #faults: ConnectionFaults | null;
  readonly #replies: ReplyPath | null;
  /** Bytes of replies that faults hold. */
  #heldBytes: number = 0;

  /**
   * Takes `socket`, which must allow half-open connections, and serves it until it closes.
   * @param faults what is wrong with it. @default null: nothing
   */
  constructor(
    socket: Socket,
    plan: ConnectionPlan,
    shared: SharedState,
    faults: ConnectionFaults | null = null,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#counters = shared.counters;
    this.#turn = shared.turn;
    this.#faults = faults;
    this.#replies = faults && openReplyPath(faults, plan, shared.counters, this.#ends());
    this.#decoder = plan.format.kind === 'none' ? null : createDecoder(plan.format, plan.maxPayloadBytes);
    this.#state = plan.expectPreface === null ? 'frames' : 'preface';
    socket.on('data', (chunk: Buffer) => {
      this.#received(chunk);
      if (this.#turn.active) this.#hold();
    });
    socket.on('end', () => this.#finish());
    socket.on('error', () => (this.failed = true));
    if (plan.sendPreface !== null) this.#greet(plan.sendPreface);
    if (faults !== null) this.#begin(faults, shared);
  }

  /** The other connections have been let in: this one goes on. */
  release(): void {
    this.#resume(HELD);
  }

  /** Stands still until `thaw`. */
  freeze(): void {
    this.#pause(FROZEN);
  }

  thaw(): void {
    this.#resume(FROZEN);
  }

  #hold(): void {
    if ((this.#pauses & HELD) !== 0) return;
    this.#pause(HELD);
    this.#turn.hold(this);
  }

  #pause(reason: number): void {
    this.#pauses |= reason;
    this.#socket.pause();
  }

  #resume(reason: number): void {
    this.#pauses &= ~reason;
    if (this.#pauses === 0) this.#socket.resume();
  }

  #begin(faults: ConnectionFaults, shared: SharedState): void {
    this.#socket.once('close', () => {
      faults.kernel = null;
      this.#replies?.close();
    });
    if (faults.reader !== null) this.#readWith(faults.reader, shared);
    if (faults.closer !== null) this.#endBy({ how: 'fin', book: faults.closer });
  }

  #readWith(reader: LimitedReader, shared: SharedState): void {
    reader.attach({
      received: (chunk) => this.#received(chunk),
      limit: (rests) => (rests ? this.#pause(LIMITED) : this.#resume(LIMITED)),
      exhausted: ({ whenSpent, book }) => {
        if (whenSpent === 'reset') return this.#endBy({ how: 'reset', book });
        this.#stopped(book, shared);
      },
    });
    // A socket that reads into a buffer of ours never flows by itself, and its end is told only to one that does.
    if (this.#pauses === 0) this.#socket.resume();
  }

  /** Books a connection that is read no further; what more the kernel receives is looked up at the target's end. */
  #stopped(book: FaultBook, shared: SharedState): void {
    let latest = this.#endingBytes();
    this.#socket.once('close', () => (latest = { ...latest, sentBytes: this.#socket.bytesWritten }));
    shared.settleAtEnd?.(() => {
      if (!this.#socket.destroyed) latest = this.#endingBytes();
      book.ended({ ...latest, how: 'stopped' });
    });
  }

  /** Where replies go after the last stage, and what stages may ask. */
  #ends(): { wire: ReplySink; link: ReplyLink } {
    const isStalled = (): boolean => (this.#pauses & STALLED) !== 0;
    return {
      wire: {
        reply: (reply) => this.#reply(reply),
        end: (ending) => this.#endBy(ending),
        close: () => undefined,
      },
      link: {
        get stalled() {
          return isStalled();
        },
        hold: (bytes) => this.#holdReply(bytes),
      },
    };
  }

  #reply(reply: Reply): void {
    if (!this.#socket.writable) return;
    this.#counters.frames.sent += reply.frames;
    this.#send(reply.bytes);
  }

  #holdReply(bytes: number): void {
    this.#heldBytes += bytes;
    const isBacklogged = (this.#pauses & BACKLOGGED) !== 0;
    if (this.#heldBytes > HELD_REPLY_BYTES_MAX) this.#pause(BACKLOGGED);
    else if (isBacklogged) this.#resume(BACKLOGGED);
  }

  #endBy({ how, book, pauseMs = 0 }: Ending): void {
    if (book !== null) this.#state = 'refused';
    if (how === 'reset') return this.#reset(book, pauseMs);
    book?.ended({ ...this.#endingBytes(), how });
    this.#endSocket();
  }

  /**
   * RST, once the kernel has taken what was written: it would throw away what still waits here. Where the descriptor is
   * known, the connection is sealed first and its last acknowledgement given time to arrive, so that the truth and what
   * the client knows of it agree to the byte.
   */
  #reset(book: FaultBook | null, pauseMs: number): void {
    const socket = this.#socket;
    const reset = (): void => {
      if (socket.destroyed) return;
      book?.ended({ ...this.#endingBytes(), how: 'reset' });
      socket.resetAndDestroy();
    };
    const settle = (): void => {
      if (socket.destroyed) return;
      const kernel = this.#faults?.kernel ?? null;
      if (kernel === null) return reset();
      kernel.seal();
      setTimeout(reset, kernel.unreadBytes() > 0 ? DELAYED_ACK_PAUSE_MS : SEAL_PAUSE_MS);
    };
    if (socket.writableLength === 0 && pauseMs === 0) return settle();
    const lastResort = setTimeout(settle, LINGER_MS_MAX);
    socket.write(new Uint8Array(0), () => setTimeout(settle, pauseMs));
    socket.once('close', () => clearTimeout(lastResort));
  }

  #endingBytes(): Omit<FaultEnding, 'how'> {
    const { bytesRead, bytesWritten } = this.#socket;
    return {
      connection: this.#faults?.ordinal ?? 0,
      readBytes: bytesRead,
      unreadBytes: this.#faults?.kernel?.unreadBytes() ?? null,
      sentBytes: bytesWritten,
    };
  }

  /** FIN, after every reply that is owed. */
  #finish(): void {
    if (this.#replies === null) this.#endSocket();
    else this.#replies.end();
  }

  #greet(preface: Uint8Array): void {
    this.#send(preface);
    this.#counters.prefaces.sent++;
  }

  #received(chunk: Buffer): void {
    this.#counters.bytes.received += chunk.length;
    switch (this.#state) {
      case 'preface':
        return this.#receivedPreface(chunk);
      case 'frames':
        return this.#receivedFrames(chunk);
      case 'refused':
        return;
      default:
        this.#state satisfies never;
    }
  }

  #receivedPreface(chunk: Buffer): void {
    const expected = this.#plan.expectPreface ?? new Uint8Array(0);
    const at = this.#prefaceBytes;
    const length = Math.min(chunk.length, expected.length - at);
    if (chunk.compare(expected, at, at + length, 0, length) !== 0) {
      this.#counters.prefaces.mismatched++;
      return this.#refuse();
    }
    this.#prefaceBytes += length;
    if (this.#prefaceBytes < expected.length) return;
    this.#counters.prefaces.matched++;
    this.#state = 'frames';
    if (length < chunk.length) this.#receivedFrames(chunk.subarray(length));
  }

  #receivedFrames(chunk: Buffer): void {
    if (this.#replies !== null) {
      if (!this.#replies.received(chunk)) this.#refuse();
      return;
    }
    const before = this.#counters.frames.received;
    const sound = this.#decoder === null || this.#count(this.#decoder, chunk);
    if (this.#plan.mode === 'echo') {
      this.#send(chunk);
      this.#counters.frames.sent += this.#counters.frames.received - before;
    }
    if (!sound) this.#refuse();
  }

  /** Counts the frames that end in `chunk`; false when the stream cannot be followed any further. */
  #count(decoder: FrameDecoder, chunk: Buffer): boolean {
    const { frames } = this.#counters;
    decoder.feed(chunk, 0, chunk.length);
    for (;;) {
      const result = decoder.next();
      if (result === 'starved') return true;
      if (result !== 'piece') {
        frames[result]++;
        return false;
      }
      if (decoder.last) frames.received++;
    }
  }

  #send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    this.#counters.bytes.sent += bytes.length;
    // `write` also answers false for a large chunk that the kernel took at once: only a backlog is a stall.
    if (socket.write(bytes) || socket.writableLength === 0) return;
    this.#counters.writes.stalled++;
    this.#pause(STALLED);
    socket.once('drain', () => this.#resume(STALLED));
  }

  #refuse(): void {
    this.#state = 'refused';
    this.#finish();
  }

  /** FIN; a connection that was given up is read on for a while, because closing with bytes unread would send RST. */
  #endSocket(): void {
    const socket = this.#socket;
    socket.end();
    if (this.#state !== 'refused') return;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS_MAX);
    socket.once('close', () => clearTimeout(timer));
  }
}
