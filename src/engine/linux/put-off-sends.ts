import { assert } from '../../base/assert.ts';
import type { EngineEvents } from '../engine.ts';
import type { SendBatch } from './call-batches.ts';

/** What put-off sends use of their engine. */
export interface SendTools {
  events: EngineEvents;
  nowUs: () => number;
  /** Keeps what the kernel did not take of `outbox[start, end)`. `result`: bytes it took, or the errno, negative. */
  keepRest: (slot: number, start: number, end: number, result: number) => void;
}

/**
 * Sends that an engine puts off to make them together, and their stalls until these are told: by the loop, never from
 * inside the request that has the sends made.
 */
export class PutOffSends {
  readonly #batch: SendBatch | null;
  readonly #tools: SendTools;
  /** Where in the outbox the next send is to be written. */
  outboxStart: number = 0;
  #gathering: boolean = false;
  #stalls: Stall[] = [];

  /** @param batch null where no sends are put off */
  constructor(batch: SendBatch | null, tools: SendTools) {
    this.#batch = batch;
    this.#tools = tools;
  }

  /** From now on sends are put off, until `finish`. */
  begin(): void {
    this.#gathering = true;
  }

  /** Puts a send of `outbox[start, end)` off. False where it has to be made now, behind those that were put off. */
  add(slot: number, fd: number, start: number, end: number): boolean {
    const batch = this.#batch;
    if (batch === null || !this.#gathering || start !== this.outboxStart) return false;
    if (batch.full || batch.holds(slot)) return false;
    batch.add(slot, fd, end - start);
    this.outboxStart = batch.start(batch.count);
    return true;
  }

  /** Makes them. */
  make(): void {
    const batch = this.#batch;
    if (batch === null || batch.count === 0) return;
    this.outboxStart = 0;
    const count = batch.run();
    for (let call = 0; call < count; call++) {
      if (batch.result(call) !== batch.length(call)) this.#fallShort(batch, call);
    }
  }

  /** Between two events: makes them, and tells their stalls. */
  settle(): void {
    this.make();
    if (this.#stalls.length === 0) return;
    const { events, nowUs } = this.#tools;
    const atUs = nowUs();
    for (const { slot, bytes } of this.#stalls.splice(0)) events.stalled(slot, atUs, bytes);
  }

  /** The last of them are made and told; from now on none is put off. */
  finish(): void {
    this.#gathering = false;
    this.settle();
  }

  /** Asserts that the slot has a stall that was not told: otherwise its session would not send. */
  assertUntold(slot: number): void {
    assert(
      this.#stalls.some((stall) => stall.slot === slot),
      'a slot that sends has not been told of a stall',
    );
  }

  #fallShort(batch: SendBatch, call: number): void {
    const [slot, start, bytes] = [batch.slot(call), batch.start(call), batch.length(call)];
    this.#tools.keepRest(slot, start, start + bytes, batch.result(call));
    this.#stalls.push({ slot, bytes });
  }
}

/** A send that was put off, and that the kernel did not take whole. */
interface Stall {
  slot: number;
  bytes: number;
}
