import { ByteView } from './byte-view.ts';
import type { LengthFrameFormat } from './frame-format.ts';
import { isU32be, LENGTH_FIELD_BYTES, readLength, writeLength, type LengthField } from './length-field.ts';

/** A length format whose header has one size: all but those that end with a varint. */
export type FixedHeaderFormat = LengthFrameFormat & { width: keyof typeof LENGTH_FIELD_BYTES };

/** Whether the headers of `format` have one size. */
export function hasFixedHeader(format: LengthFrameFormat): format is FixedHeaderFormat {
  return format.width !== 'varint';
}

/** Reads and writes the length in headers of one size that lie whole in their bytes. */
export class LengthHeader {
  readonly bytes: number;
  readonly field: LengthField;
  /** Where in the header the field begins. */
  readonly fieldAt: number;
  /** Bytes that the length counts and that are not payload. */
  readonly uncounted: number;
  /** For the usual field, u32be, which is read and written by one instruction; null for any other. */
  readonly #u32be: ByteView | null;

  constructor(format: FixedHeaderFormat) {
    this.bytes = format.headerBytes;
    this.field = { bytes: LENGTH_FIELD_BYTES[format.width], littleEndian: format.littleEndian };
    this.fieldAt = format.lengthOffset;
    this.uncounted = format.countsHeader ? format.headerBytes : 0;
    this.#u32be = isU32be(this.field) ? new ByteView() : null;
  }

  /** What the field says of the header that begins at `bytes[start]`. */
  lengthAt(bytes: Uint8Array, start: number): number {
    const at = start + this.fieldAt;
    return this.#u32be === null ? readLength(bytes, at, this.field) : this.#u32be.of(bytes).getUint32(at);
  }

  /** Writes the field of the header that begins at `bytes[start]`. */
  putLength(bytes: Uint8Array, start: number, length: number): void {
    const at = start + this.fieldAt;
    if (this.#u32be === null) writeLength(bytes, at, length, this.field);
    else this.#u32be.of(bytes).setUint32(at, length);
  }
}
