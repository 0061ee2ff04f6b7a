import { present } from '../../base/assert.ts';
import { NOTHING_SEEN, type ClosingFacts } from '../engine.ts';
import { errnoAction } from './errno.ts';
import type { Libc } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';

/**
 * The tails of sends that the kernel did not take whole, by slot; few slots have one at a time. The bytes are copied
 * out of the outbox, so that the outbox is free again at once.
 */
export class PendingSends {
  readonly #libc: Libc;
  readonly #bySlot = new Map<number, PendingSend>();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  has(slot: number): boolean {
    return this.#bySlot.size > 0 && this.#bySlot.has(slot);
  }

  /**
   * Keeps what is left of a send of `bytes`.
   * @param result what the kernel answered: how many of them it took, or the errno, negative
   */
  keep(slot: number, bytes: Buffer, result: number): void {
    const refused = result < 0 && errnoAction('send', -result) === 'fail';
    this.#keep(slot, bytes, { taken: Math.max(0, result), refused, takenUs: null });
  }

  /** Keeps `bytes` too, to be sent behind what is kept already. */
  append(slot: number, bytes: Buffer): void {
    const pending = present(this.#bySlot.get(slot), 'a pending send');
    const rest = pending.tail.bytes.subarray(pending.sent);
    const { taken, sent, refused, takenUs } = pending;
    this.#keep(slot, Buffer.concat([rest, bytes]), { taken: 0, refused, takenUs });
    present(this.#bySlot.get(slot), 'a pending send').taken = taken + sent;
  }

  /** What is still to be sent. */
  rest(slot: number): { address: number; length: number } {
    const { tail, sent } = present(this.#bySlot.get(slot), 'a pending send');
    return { address: tail.address + sent, length: tail.bytes.length - sent };
  }

  /** The kernel took `taken` bytes more at `nowUs`. True: that was the last of them, and the slot's send is done. */
  advance(slot: number, taken: number, nowUs: number): boolean {
    const pending = present(this.#bySlot.get(slot), 'a pending send');
    pending.sent += taken;
    pending.takenUs = nowUs;
    if (pending.sent < pending.tail.bytes.length) return false;
    this.#bySlot.delete(slot);
    return true;
  }

  /** Forgets the slot's send, if there is one, and tells what the kernel took of it and what it did not. */
  drop(slot: number): Readonly<Pick<ClosingFacts, 'bytesAccepted' | 'bytesUnsent' | 'refused' | 'takenUs'>> {
    const pending = this.#bySlot.get(slot);
    if (pending === undefined) return NOTHING_SEEN;
    this.#bySlot.delete(slot);
    const { tail, sent, taken, refused, takenUs } = pending;
    return { bytesAccepted: taken + sent, bytesUnsent: tail.bytes.length - sent, refused, takenUs };
  }

  #keep(slot: number, bytes: Buffer, told: Pick<PendingSend, 'taken' | 'refused' | 'takenUs'>): void {
    const tail = new NativeBuffer(this.#libc, bytes.length - told.taken);
    bytes.copy(tail.bytes, 0, told.taken);
    this.#bySlot.set(slot, { tail, sent: 0, ...told });
  }
}

interface PendingSend {
  /** What the kernel had not taken at the first attempt. */
  tail: NativeBuffer;
  /** How much of the tail is gone. */
  sent: number;
  /** Bytes that went out before the tail. */
  taken: number;
  /** The kernel answered the first attempt with a failure. */
  refused: boolean;
  /** When the kernel last took a part of the tail. */
  takenUs: number | null;
}
