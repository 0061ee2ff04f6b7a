import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseFrameFormat, type FrameFormat } from '../../src/framing/frame-format.ts';
import { createStamp, stampBytes, type Stamp } from '../../src/framing/stamp.ts';
import { anyFramedFormat } from '../support/framed-streams.ts';

const anyStamp: fc.Arbitrary<Stamp> = fc.record({
  connection: fc.nat(2 ** 32 - 1),
  sequence: fc.nat(2 ** 32 - 1),
  timeUs: fc.maxSafeNat(),
});

const STAMP: Stamp = { connection: 0x01020304, sequence: 0xfffffffe, timeUs: 0x1_2345_6789_abcd };

describe('createStamp', () => {
  it('reads what it wrote, in every format and at every place', () => {
    fc.assert(
      fc.property(anyFramedFormat, anyStamp, fc.nat(20), (format, stamp, at) => {
        const codec = createStamp(format);
        const out = Buffer.alloc(at + codec.bytes + 5, 0xee);
        codec.write(out, at, stamp);
        expect(codec.read(out, at)).toBe(true);
        const { connection, sequence, timeUs } = codec;
        expect({ connection, sequence, timeUs }).toEqual(stamp);
        expect(out.subarray(0, at).every((byte) => byte === 0xee)).toBe(true);
        expect(out.subarray(at + codec.bytes).every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });

  it.each([
    ['u32be', Buffer.from('01020304fffffffe000123456789abcd', 'hex'), 'sixteen bytes, big-endian'],
    ['none', Buffer.from('01020304fffffffe000123456789abcd', 'hex'), 'the same without frames'],
    ['delim:\\n', Buffer.from('01020304fffffffe000123456789abcd'), 'hexadecimal digits'],
    ['delim:f0', Buffer.from('12131415hhhhhhhg11123456789abcde'), 'letters without f and 0'],
  ])('writes for %s a stamp as designed (row %#)', (spec, expected) => {
    const codec = createStamp(parseFrameFormat(spec));
    const out = Buffer.alloc(codec.bytes);
    codec.write(out, 0, STAMP);
    expect(out).toEqual(expected);
  });

  it('knows the bytes of a stamp from all others, in every format', () => {
    fc.assert(
      fc.property(anyFramedFormat, anyStamp, fc.nat(20), (format, stamp, at) => {
        const codec = createStamp(format);
        const out = Buffer.alloc(at + codec.bytes);
        codec.write(out, at, stamp);
        expect(codec.holds(out, at, { ...stamp, timeUs: stamp.timeUs + 0.25 })).toBe(true);
        for (const field of ['connection', 'sequence', 'timeUs'] as const)
          expect(codec.holds(out, at, { ...stamp, [field]: stamp[field] - 1 })).toBe(false);
        for (let byte = at; byte < out.length; byte++) {
          out[byte]! ^= 1;
          expect(codec.holds(out, at, stamp)).toBe(false);
          out[byte]! ^= 1;
        }
      }),
    );
  });

  it('cuts the fraction of a time off', () => {
    for (const spec of ['u8', 'delim:\\n']) {
      const codec = createStamp(parseFrameFormat(spec));
      const out = Buffer.alloc(codec.bytes);
      codec.write(out, 0, { ...STAMP, timeUs: 2 ** 40 + 0.999 });
      codec.read(out, 0);
      expect(codec.timeUs).toBe(2 ** 40);
    }
  });

  it('never writes a byte of the delimiter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), anyStamp, (delimiter, stamp) => {
        const codec = createStamp({ kind: 'delimiter', delimiter });
        const out = Buffer.alloc(codec.bytes);
        codec.write(out, 0, stamp);
        expect(out.filter((byte) => delimiter.includes(byte))).toHaveLength(0);
      }),
    );
  });

  it('does not take text for a stamp that has a foreign letter anywhere', () => {
    const codec = createStamp(parseFrameFormat('delim:\\n'));
    const out = Buffer.alloc(codec.bytes);
    for (let at = 0; at < codec.bytes; at++) {
      codec.write(out, 0, STAMP);
      expect(codec.read(out, 0)).toBe(true);
      out[at] = 'g'.charCodeAt(0);
      expect(codec.read(out, 0)).toBe(false);
    }
  });
});

describe('stampBytes', () => {
  it('is what createStamp writes', () => {
    fc.assert(
      fc.property(anyFramedFormat, (format: FrameFormat) => {
        expect(stampBytes(format)).toBe(createStamp(format).bytes);
        expect(stampBytes(format)).toBe(format.kind === 'delimiter' ? 32 : 16);
      }),
    );
  });
});
