import type { PayloadSource } from '../framing/payload.ts';

/**
 * Which payloads lie in the outbox from frames that were sent before. An engine has few places to send from, and most
 * payloads of a run differ in their stamp alone: so that hardly a frame needs its content copied.
 *
 * It remembers a place by the cache line that it begins in, and one of those that fall together: whatever is forgotten
 * is copied again.
 *
 * Invariant: an entry tells of the frame that lies where a send begins. What a send holds behind its first frame lies
 * behind that one; whatever else is written there is told by `note` or `forget`.
 */
export class PlacedPayloads {
  readonly #starts: Int32Array = new Int32Array(PLACES).fill(NOWHERE);
  readonly #sizes: Int32Array = new Int32Array(PLACES);
  readonly #sources: (PayloadSource | null)[] = Array.from({ length: PLACES }, () => null);
  #outbox: Buffer | null = null;

  /** Whether the frame that begins at `start` of `outbox` has a payload of `bytes` from `source`. */
  holds(outbox: Buffer, start: number, source: PayloadSource, bytes: number): boolean {
    const place = placeOf(start);
    return (
      this.#starts[place] === start &&
      this.#sizes[place] === bytes &&
      this.#sources[place] === source &&
      outbox === this.#outbox
    );
  }

  /** A send begins at `start` with a frame whose payload is `bytes` from `source`. */
  note(outbox: Buffer, start: number, source: PayloadSource, bytes: number): void {
    if (outbox !== this.#outbox) this.#starts.fill(NOWHERE);
    const place = placeOf(start);
    this.#outbox = outbox;
    this.#starts[place] = start;
    this.#sizes[place] = bytes;
    this.#sources[place] = source;
  }

  /** A send begins at `start` with something else. */
  forget(start: number): void {
    this.#starts[placeOf(start)] = NOWHERE;
  }
}

function placeOf(start: number): number {
  return (start >>> LINE_BITS) & (PLACES - 1);
}

/** A power of two, and more than an engine has places to send from. */
const PLACES = 64;
const LINE_BITS = 6;
const NOWHERE = -1;
