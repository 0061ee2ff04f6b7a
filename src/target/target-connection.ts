import type { Socket } from 'node:net';

import { createDecoder } from '../framing/decoder.ts';
import type { FrameDecoder } from '../framing/frame-decoder.ts';
import type { FrameFormat } from '../framing/frame-format.ts';
import type { AcceptTurn, Holdable } from './accept-turn.ts';
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
}

type State = 'preface' | 'frames' | 'refused';

/**
 * The server's side of one connection: preface, then frames until the client's FIN, which is answered with FIN once
 * every reply is sent. The echo works on raw bytes; the decoder stands beside it, counts whole frames and finds those
 * that must be refused. A refused connection gets FIN, and what still arrives is thrown away.
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
  /** Why reading is paused: replies wait for the client, or other connections wait to be accepted. */
  #stalled: boolean = false;
  #held: boolean = false;

  /** Takes `socket`, which must allow half-open connections, and serves it until it closes. */
  constructor(socket: Socket, plan: ConnectionPlan, shared: SharedState) {
    this.#socket = socket;
    this.#plan = plan;
    this.#counters = shared.counters;
    this.#turn = shared.turn;
    this.#decoder = plan.format.kind === 'none' ? null : createDecoder(plan.format, plan.maxPayloadBytes);
    this.#state = plan.expectPreface === null ? 'frames' : 'preface';
    socket.on('data', (chunk: Buffer) => {
      this.#received(chunk);
      if (this.#turn.active) this.#hold();
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => (this.failed = true));
    if (plan.sendPreface !== null) this.#greet(plan.sendPreface);
  }

  /** The other connections have been let in: this one goes on. */
  release(): void {
    this.#held = false;
    this.#read();
  }

  #hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#socket.pause();
    this.#turn.hold(this);
  }

  #read(): void {
    if (!this.#stalled && !this.#held) this.#socket.resume();
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
    this.#stalled = true;
    socket.pause();
    socket.once('drain', () => {
      this.#stalled = false;
      this.#read();
    });
  }

  #refuse(): void {
    this.#state = 'refused';
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS_MAX);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.end();
  }
}
