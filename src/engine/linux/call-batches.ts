import { IORING_OP_RECV, IORING_OP_SEND, MSG_DONTWAIT, MSG_NOSIGNAL } from './abi.ts';
import type { Libc } from './libc.ts';
import { Ring } from './ring.ts';
import { CALLS_MAX, INBOX_PIECE_BYTES, type StreamBuffers } from './stream-buffers.ts';

/** Receives that are made by one system call, each into a piece of the inbox. */
export class ReceiveBatch {
  count: number = 0;
  readonly #ring: Ring;
  readonly #slots: Int32Array = new Int32Array(CALLS_MAX);
  readonly #starts: Int32Array;

  constructor(ring: Ring, buffers: StreamBuffers) {
    this.#ring = ring;
    this.#starts = Int32Array.from({ length: CALLS_MAX }, (_, call) => buffers.inboxPiece(call));
    for (let call = 0; call < CALLS_MAX; call++) {
      const address = buffers.inboxAddress + buffers.inboxPiece(call);
      ring.prepare(call, { opcode: IORING_OP_RECV, address, length: INBOX_PIECE_BYTES, flags: MSG_DONTWAIT });
    }
  }

  get full(): boolean {
    return this.count === CALLS_MAX;
  }

  clear(): void {
    this.count = 0;
  }

  add(slot: number, fd: number): void {
    this.#slots[this.count] = slot;
    this.#ring.queue(this.count, fd);
    this.count++;
  }

  /** Makes them, and with them the sends that the ring holds, whose results stand until they are asked for. */
  run(): void {
    this.#ring.run();
  }

  slot(call: number): number {
    return this.#slots[call] as number;
  }

  /** Where in the inbox the call's bytes are. */
  start(call: number): number {
    return this.#starts[call] as number;
  }

  /** What the call answered: bytes, 0 at the stream's end, or the errno, negative. */
  result(call: number): number {
    return this.#ring.results[call] as number;
  }
}

/** Sends that are made by one system call, each from a piece of the outbox; one at most of a slot. */
export class SendBatch {
  count: number = 0;
  readonly #ring: Ring;
  readonly #slots: Int32Array = new Int32Array(CALLS_MAX);
  readonly #lengths: Int32Array = new Int32Array(CALLS_MAX);
  /** One more than calls: where the next send is written, the batch being full. */
  readonly #starts: Int32Array;
  readonly #holds: Uint8Array;

  constructor(ring: Ring, buffers: StreamBuffers, slots: number) {
    this.#ring = ring;
    this.#holds = new Uint8Array(slots);
    this.#starts = Int32Array.from({ length: CALLS_MAX + 1 }, (_, call) => buffers.outboxPiece(call));
    for (let call = 0; call < CALLS_MAX; call++) {
      const address = buffers.outboxAddress + buffers.outboxPiece(call);
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      ring.prepare(CALLS_MAX + call, { opcode: IORING_OP_SEND, address, length: 0, flags });
    }
  }

  get full(): boolean {
    return this.count === CALLS_MAX;
  }

  holds(slot: number): boolean {
    return this.#holds[slot] === 1;
  }

  add(slot: number, fd: number, length: number): void {
    this.#slots[this.count] = slot;
    this.#lengths[this.count] = length;
    this.#holds[slot] = 1;
    this.#ring.queueWithLength(CALLS_MAX + this.count, fd, length);
    this.count++;
  }

  /**
   * Makes the calls, where that was not done together with receives, and empties the batch. Answers how many there
   * are; their results stand until the next run.
   */
  run(): number {
    const { count } = this;
    this.#ring.run();
    for (let call = 0; call < count; call++) this.#holds[this.#slots[call] as number] = 0;
    this.count = 0;
    return count;
  }

  slot(call: number): number {
    return this.#slots[call] as number;
  }

  length(call: number): number {
    return this.#lengths[call] as number;
  }

  /** Where in the outbox the bytes of this call lie. */
  start(call: number): number {
    return this.#starts[call] as number;
  }

  /** What the call answered: bytes that the kernel took, or the errno, negative. */
  result(call: number): number {
    return this.#ring.results[CALLS_MAX + call] as number;
  }
}

/** The calls of an engine that are made together, by one ring. */
export class TogetherCalls {
  /** From so many ready connections on. */
  readonly from: number;
  readonly receives: ReceiveBatch;
  readonly sends: SendBatch;
  readonly #ring: Ring;

  private constructor(ring: Ring, buffers: StreamBuffers, { slots, from }: TogetherOptions) {
    this.from = from;
    this.#ring = ring;
    this.receives = new ReceiveBatch(ring, buffers);
    this.sends = new SendBatch(ring, buffers, slots);
  }

  /**
   * Null where calls are never made together: they are not to be, there is no ring, or sends are so large that a call
   * for each costs nothing beside its bytes.
   */
  static open(libc: Libc, buffers: StreamBuffers, options: TogetherOptions): TogetherCalls | null {
    if (options.from === Infinity || buffers.pieces === 0) return null;
    const ring = Ring.open(libc, 2 * CALLS_MAX);
    return ring instanceof Ring ? new TogetherCalls(ring, buffers, options) : null;
  }

  close(): void {
    this.#ring.close();
  }
}

export interface TogetherOptions {
  slots: number;
  from: number;
}
