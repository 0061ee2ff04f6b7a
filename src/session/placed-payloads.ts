import type { PayloadSource } from '../framing/payload.ts';

/**
 * Which payloads lie in the outbox from frames that were sent before. An engine has few places to send from, and most
 * payloads of a run differ in their stamp alone: so that hardly a frame needs its content copied.
 *
 * Invariant: an entry tells of the frame that lies where a send begins. What a send holds behind its first frame lies
 * behind that one; whatever else is written there is told by `note` or `forget`.
 */
export class PlacedPayloads {
  readonly #sizes: Map<number, number> = new Map();
  readonly #sources: Map<number, PayloadSource> = new Map();
  #outbox: Buffer | null = null;

  /** Whether the frame that begins at `start` of `outbox` has a payload of `bytes` from `source`. */
  holds(outbox: Buffer, start: number, source: PayloadSource, bytes: number): boolean {
    return outbox === this.#outbox && this.#sizes.get(start) === bytes && this.#sources.get(start) === source;
  }

  /** A send begins at `start` with a frame whose payload is `bytes` from `source`. */
  note(outbox: Buffer, start: number, source: PayloadSource, bytes: number): void {
    if (outbox !== this.#outbox) this.#sizes.clear();
    this.#outbox = outbox;
    this.#sizes.set(start, bytes);
    this.#sources.set(start, source);
  }

  /** A send begins at `start` with something else. */
  forget(start: number): void {
    this.#sizes.delete(start);
  }
}
