import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { growLength, readLength, writeLength, type LengthField } from '../../src/framing/length-field.ts';

const anyField = fc.record({
  bytes: fc.constantFrom(1, 2, 4, 8),
  littleEndian: fc.boolean(),
}) as fc.Arbitrary<LengthField>;

describe('readLength', () => {
  it('reads what writeLength wrote, whole or byte by byte, and agrees with Buffer', () => {
    fc.assert(
      fc.property(anyField, fc.maxSafeNat(), fc.nat(5), (field, any, at) => {
        const length = any % Math.min(256 ** field.bytes, Number.MAX_SAFE_INTEGER);
        const out = Buffer.alloc(16, 0xff);
        writeLength(out, at, length, field);
        expect(out.subarray(0, at).every((byte) => byte === 0xff)).toBe(true);
        expect(out.subarray(at + field.bytes).every((byte) => byte === 0xff)).toBe(true);
        expect(readLength(out, at, field)).toBe(length);
        const bytes = out.subarray(at, at + field.bytes);
        expect(bytes.reduce((sum, byte, index) => growLength(sum, index, byte, field), 0)).toBe(length);
        const reversed = field.littleEndian ? bytes.toReversed() : bytes;
        expect(BigInt(`0x${Buffer.from(reversed).toString('hex')}`)).toBe(BigInt(length));
      }),
    );
  });

  it('never reads an 8-byte length beyond 2^53 - 1 as one below it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
        fc.boolean(),
        (length, littleEndian) => {
          const out = Buffer.alloc(8);
          if (littleEndian) out.writeBigUInt64LE(length);
          else out.writeBigUInt64BE(length);
          const field: LengthField = { bytes: 8, littleEndian };
          expect(readLength(out, 0, field)).toBeGreaterThanOrEqual(2 ** 53);
          const grown = out.reduce((sum, byte, index) => growLength(sum, index, byte, field), 0);
          expect(grown).toBeGreaterThanOrEqual(2 ** 53);
        },
      ),
    );
  });
});
