import type { DecoderResult } from './frame-decoder.ts';
import { PayloadCursor } from './payload-cursor.ts';

/** Frames that are all payload, of one size. */
export class FixedDecoder extends PayloadCursor {
  readonly #payloadBytes: number;

  constructor(payloadBytes: number, maxPayloadBytes: number) {
    super(maxPayloadBytes);
    this.#payloadBytes = payloadBytes;
  }

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.payloadLeft > 0) return this.deliver();
    if (this.fault !== null) return this.fault;
    // A frame begins with its first byte: without one, the decoder stays between frames.
    if (this.position === this.limit) return 'starved';
    return this.beginPayload(this.#payloadBytes, 0);
  }
}
