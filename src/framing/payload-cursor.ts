import { ChunkCursor } from './chunk-cursor.ts';
import type { DecoderResult } from './frame-decoder.ts';

/**
 * What the decoders share that know a payload's size before its first byte: they differ in how they learn it, and
 * deliver it in the same way.
 *
 * Invariant: payloadLeft > 0 only while a payload is under way; headerSeen = 0 between frames.
 */
export class PayloadCursor extends ChunkCursor {
  /** Header bytes of the current frame that are used up; stays until the frame ends. */
  protected headerSeen: number = 0;
  protected payloadLeft: number = 0;
  #payloadSeen: number = 0;
  readonly #maxPayloadBytes: number;

  constructor(maxPayloadBytes: number) {
    super();
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  get midFrame(): boolean {
    return this.headerSeen > 0 || this.payloadLeft > 0;
  }

  get frameBytesSoFar(): number {
    return this.headerSeen + this.#payloadSeen;
  }

  /**
   * Starts the payload whose length field says `length`, and delivers what the chunk holds of it.
   * @param uncounted bytes that the length counts and that are not payload
   */
  protected beginPayload(length: number, uncounted: number): DecoderResult {
    if (length > Number.MAX_SAFE_INTEGER || length < uncounted) return this.fail('malformed');
    if (length - uncounted > this.#maxPayloadBytes) {
      // What came behind the header is of this frame too, though nobody will see it.
      this.#payloadSeen = Math.min(this.limit - this.position, length - uncounted);
      return this.fail('oversize');
    }
    this.payloadLeft = length - uncounted;
    return this.deliver();
  }

  /** The next piece of the payload under way. */
  protected deliver(): DecoderResult {
    const start = this.position;
    const left = this.payloadLeft;
    const available = this.limit - start;
    if (available < left) return this.#deliverPart(available);
    this.start = start;
    this.end = start + left;
    this.offset = this.#payloadSeen;
    this.last = true;
    this.position = start + left;
    this.headerSeen = 0;
    this.payloadLeft = 0;
    this.#payloadSeen = 0;
    return 'piece';
  }

  /** All that is left of the chunk, which is not the end of the payload. */
  #deliverPart(available: number): DecoderResult {
    if (available === 0) return 'starved';
    this.start = this.position;
    this.end = this.limit;
    this.offset = this.#payloadSeen;
    this.last = false;
    this.position = this.limit;
    this.payloadLeft -= available;
    this.#payloadSeen += available;
    return 'piece';
  }
}
