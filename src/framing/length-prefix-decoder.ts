import type { DecoderResult } from './frame-decoder.ts';
import { growLength } from './length-field.ts';
import { LengthHeader, type FixedHeaderFormat } from './length-header.ts';
import { PayloadCursor } from './payload-cursor.ts';

/**
 * Frames whose header has a fixed size and holds the length in a field of fixed width.
 *
 * Nearly every header lies whole in its chunk: its length is read in place. One that is cut is gone through byte by
 * byte, and only the number that its length field amounts to so far is kept, so that no header is ever stored.
 */
export class LengthPrefixDecoder extends PayloadCursor {
  readonly #header: LengthHeader;
  /** What the bytes of a cut length field amount to so far. */
  #length: number = 0;

  constructor(format: FixedHeaderFormat, maxPayloadBytes: number) {
    super(maxPayloadBytes);
    this.#header = new LengthHeader(format);
  }

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.payloadLeft > 0) return this.deliver();
    const at = this.position;
    const header = this.#header;
    if (this.headerSeen > 0 || this.limit - at < header.bytes) return this.#resumeHeader();
    this.position = at + header.bytes;
    this.headerSeen = header.bytes;
    return this.beginPayload(header.lengthAt(this.chunk, at), header.uncounted);
  }

  #resumeHeader(): DecoderResult {
    if (this.fault !== null) return this.fault;
    if (this.headerSeen === 0) this.#length = 0;
    const { bytes, field, fieldAt, uncounted } = this.#header;
    while (this.position < this.limit) {
      const index = this.headerSeen - fieldAt;
      const byte = this.chunk[this.position] ?? 0;
      if (index >= 0 && index < field.bytes) this.#length = growLength(this.#length, index, byte, field);
      this.position += 1;
      this.headerSeen += 1;
      if (this.headerSeen === bytes) return this.beginPayload(this.#length, uncounted);
    }
    return 'starved';
  }
}
