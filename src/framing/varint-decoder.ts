import type { DecoderResult } from './frame-decoder.ts';
import type { LengthFrameFormat } from './frame-format.ts';
import { VARINT_BYTES_MAX } from './limits.ts';
import { PayloadCursor } from './payload-cursor.ts';

/**
 * Frames whose length is an unsigned LEB128 number: seven bits a byte, the lowest first, the high bit set in all but
 * the last byte. Padded numbers (80 00 for 0) are understood, as Protocol Buffers readers do, up to ten bytes.
 *
 * Since the header's size is not known before its end, it is always gone through byte by byte; what is kept of it is
 * the number so far.
 */
export class VarintDecoder extends PayloadCursor {
  readonly #lengthOffset: number;
  /** Size of the whole header, or 0: it ends with the number. */
  readonly #headerBytes: number;
  readonly #fieldBytesMax: number;
  readonly #countsHeader: boolean;
  #length: number = 0;
  /** What a bit in the next byte of the number is worth; 0 once the number has ended. */
  #scale: number = 1;

  constructor(format: LengthFrameFormat, maxPayloadBytes: number) {
    super(maxPayloadBytes);
    this.#lengthOffset = format.lengthOffset;
    this.#headerBytes = format.headerBytes;
    const room = format.headerBytes === 0 ? VARINT_BYTES_MAX : format.headerBytes - format.lengthOffset;
    this.#fieldBytesMax = Math.min(room, VARINT_BYTES_MAX);
    this.#countsHeader = format.countsHeader;
  }

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.payloadLeft > 0) return this.deliver();
    if (this.fault !== null) return this.fault;
    if (this.headerSeen === 0) {
      this.#length = 0;
      this.#scale = 1;
    }
    return this.#resumeHeader();
  }

  #resumeHeader(): DecoderResult {
    while (this.position < this.limit) {
      const byte = this.chunk[this.position] ?? 0;
      this.position += 1;
      this.headerSeen += 1;
      if (this.headerSeen > this.#lengthOffset && this.#scale > 0 && !this.#takeDigit(byte)) {
        return this.fail('malformed');
      }
      if (this.#scale === 0 && this.headerSeen >= this.#headerBytes) {
        return this.beginPayload(this.#length, this.#countsHeader ? this.headerSeen : 0);
      }
    }
    return 'starved';
  }

  /** Adds a byte to the number; false where the number does not end in time. */
  #takeDigit(byte: number): boolean {
    this.#length += (byte & 0x7f) * this.#scale;
    if (byte < 0x80) {
      this.#scale = 0;
      return true;
    }
    this.#scale *= 128;
    return this.headerSeen - this.#lengthOffset < this.#fieldBytesMax;
  }
}
