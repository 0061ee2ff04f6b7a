/**
 * Unsigned integers of 1, 2, 4 or 8 bytes as length fields. Numbers are doubles: an 8-byte length beyond 2^53 - 1
 * comes out rounded but still beyond it, because rounding never crosses a representable number; callers refuse it.
 */

/** Bytes of a length field of fixed width. */
export const LENGTH_FIELD_BYTES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

/** How a length field of fixed width lies in memory. */
export interface LengthField {
  bytes: 1 | 2 | 4 | 8;
  littleEndian: boolean;
}

/** Whether it is the field of most formats, for which readers and writers keep a shorter way (byte-view.ts). */
export function isU32be({ bytes, littleEndian }: LengthField): boolean {
  return bytes === 4 && !littleEndian;
}

/** The length whose field begins at `bytes[at]`. */
export function readLength(bytes: Uint8Array, at: number, field: LengthField): number {
  if (field.bytes === 1) return byteAt(bytes, at);
  if (field.bytes === 2) {
    const first = byteAt(bytes, at);
    const second = byteAt(bytes, at + 1);
    return field.littleEndian ? first | (second << 8) : (first << 8) | second;
  }
  if (field.bytes === 4) return field.littleEndian ? readU32le(bytes, at) : readU32be(bytes, at);
  return field.littleEndian
    ? readU32le(bytes, at + 4) * 2 ** 32 + readU32le(bytes, at)
    : readU32be(bytes, at) * 2 ** 32 + readU32be(bytes, at + 4);
}

/** Writes `length`, which the field must be wide enough for, to `bytes[at...]`. */
export function writeLength(bytes: Uint8Array, at: number, length: number, field: LengthField): void {
  const high = Math.floor(length / 2 ** 32);
  for (let i = 0; i < field.bytes; i++) {
    const shift = 8 * (field.littleEndian ? i : field.bytes - 1 - i);
    bytes[at + i] = shift < 32 ? length >>> shift : high >>> (shift - 32);
  }
}

/**
 * The length so far when the byte at `index` of a field comes next: for fields that arrive in several chunks.
 * @param length what came out of the bytes before, 0 for the first
 */
export function growLength(length: number, index: number, byte: number, field: LengthField): number {
  return field.littleEndian ? length + byte * 2 ** (8 * index) : length * 256 + byte;
}

/** The unsigned 32-bit big-endian integer at `bytes[at]`. */
export function readU32be(bytes: Uint8Array, at: number): number {
  return (
    ((byteAt(bytes, at) << 24) |
      (byteAt(bytes, at + 1) << 16) |
      (byteAt(bytes, at + 2) << 8) |
      byteAt(bytes, at + 3)) >>>
    0
  );
}

/** The unsigned 32-bit little-endian integer at `bytes[at]`. */
export function readU32le(bytes: Uint8Array, at: number): number {
  return (
    ((byteAt(bytes, at + 3) << 24) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 1) << 8) |
      byteAt(bytes, at)) >>>
    0
  );
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
