import { assert } from '../base/assert.ts';
import { ByteView } from './byte-view.ts';
import type { DecoderResult } from './frame-decoder.ts';
import type { LengthFrameFormat } from './frame-format.ts';
import { growLength, isU32be, LENGTH_FIELD_BYTES, readLength, type LengthField } from './length-field.ts';
import { PayloadCursor } from './payload-cursor.ts';

/**
 * Frames whose header has a fixed size and holds the length in a field of fixed width.
 *
 * Nearly every header lies whole in its chunk: its length is read in place. One that is cut is gone through byte by
 * byte, and only the number that its length field amounts to so far is kept, so that no header is ever stored.
 */
export class LengthPrefixDecoder extends PayloadCursor {
  readonly #field: LengthField;
  readonly #lengthOffset: number;
  readonly #headerBytes: number;
  /** For the usual field, u32be, which is read by one instruction; null for any other. */
  readonly #u32be: ByteView | null;
  /** Bytes that the length counts and that are not payload. */
  readonly #uncounted: number;
  /** What the bytes of a cut length field amount to so far. */
  #length: number = 0;

  constructor(format: LengthFrameFormat, maxPayloadBytes: number) {
    super(maxPayloadBytes);
    assert(format.width !== 'varint', 'a varint has no fixed width');
    this.#field = { bytes: LENGTH_FIELD_BYTES[format.width], littleEndian: format.littleEndian };
    this.#u32be = isU32be(this.#field) ? new ByteView() : null;
    this.#lengthOffset = format.lengthOffset;
    this.#headerBytes = format.headerBytes;
    this.#uncounted = format.countsHeader ? format.headerBytes : 0;
  }

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.payloadLeft > 0) return this.deliver();
    const at = this.position;
    if (this.headerSeen > 0 || this.limit - at < this.#headerBytes) return this.#resumeHeader();
    this.position = at + this.#headerBytes;
    this.headerSeen = this.#headerBytes;
    return this.beginPayload(this.#readLength(at + this.#lengthOffset), this.#uncounted);
  }

  #readLength(at: number): number {
    const view = this.#u32be;
    return view === null ? readLength(this.chunk, at, this.#field) : view.of(this.chunk).getUint32(at);
  }

  #resumeHeader(): DecoderResult {
    if (this.fault !== null) return this.fault;
    if (this.headerSeen === 0) this.#length = 0;
    while (this.position < this.limit) {
      const index = this.headerSeen - this.#lengthOffset;
      const byte = this.chunk[this.position] ?? 0;
      if (index >= 0 && index < this.#field.bytes) {
        this.#length = growLength(this.#length, index, byte, this.#field);
      }
      this.position += 1;
      this.headerSeen += 1;
      if (this.headerSeen === this.#headerBytes) return this.beginPayload(this.#length, this.#uncounted);
    }
    return 'starved';
  }
}
