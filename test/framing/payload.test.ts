import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Random } from '../../src/base/random.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { fixedSize, parsePayloadSize } from '../../src/framing/payload-size.ts';
import { PayloadSource, type PayloadOptions } from '../../src/framing/payload.ts';
import { createStamp, type Stamp } from '../../src/framing/stamp.ts';

const STAMP: Stamp = { connection: 7, sequence: 8, timeUs: 9 };

function source(options: Partial<PayloadOptions>): PayloadSource {
  const format = parseFrameFormat('u32be');
  return new PayloadSource({ size: fixedSize(64), message: null, stamp: null, seed: 1, format, ...options });
}

function written(payload: PayloadSource, size: number, stamp: Stamp = STAMP): Buffer {
  const out = Buffer.alloc(size);
  payload.write(out, 0, size, stamp);
  return out;
}

describe('PayloadSource', () => {
  it('sends the same bytes for the same seed, and others for another', () => {
    expect(written(source({ seed: 1 }), 64)).toEqual(written(source({ seed: 1 }), 64));
    expect(written(source({ seed: 2 }), 64)).not.toEqual(written(source({ seed: 1 }), 64));
  });

  it('sends the beginning of one content for every size', () => {
    const payload = source({ size: parsePayloadSize('uniform:0B..100B') });
    expect(written(payload, 100).subarray(0, 30)).toEqual(written(payload, 30));
    expect(written(payload, 0)).toHaveLength(0);
  });

  it('sends a message as it is', () => {
    const payload = source({ size: null, message: Buffer.from('ping') });
    expect(payload.nextSize(new Random(1))).toBe(4);
    expect([payload.minBytes, payload.maxBytes]).toEqual([4, 4]);
    expect(written(payload, 4).toString()).toBe('ping');
  });

  it('draws sizes within its bounds', () => {
    const payload = source({ size: parsePayloadSize('uniform:10B..12B') });
    const random = new Random(1);
    const sizes = new Set(Array.from({ length: 200 }, () => payload.nextSize(random)));
    expect([...sizes].toSorted((a, b) => a - b)).toEqual([10, 11, 12]);
    expect([payload.minBytes, payload.maxBytes]).toEqual([10, 12]);
  });

  it.each(['u32be', 'delim:\\n'])(
    'writes for %s the stamp over the first bytes and leaves the others',
    (spec) => {
      const format = parseFrameFormat(spec);
      const stamp = createStamp(format);
      const plain = written(source({ format }), 64);
      const stamped = written(source({ format, stamp }), 64);
      expect(stamp.read(stamped, 0)).toBe(true);
      expect([stamp.connection, stamp.sequence, stamp.timeUs]).toEqual([7, 8, 9]);
      expect(stamped.subarray(stamp.bytes)).toEqual(plain.subarray(stamp.bytes));
      expect(stamped.subarray(0, stamp.bytes)).not.toEqual(plain.subarray(0, stamp.bytes));
    },
  );

  it('writes only its own bytes', () => {
    const out = Buffer.alloc(84, 0xee);
    source({}).write(out, 10, 64, STAMP);
    expect(out.subarray(0, 10).every((byte) => byte === 0xee)).toBe(true);
    expect(out.subarray(74).every((byte) => byte === 0xee)).toBe(true);
  });

  it('never sends a byte of the delimiter, with or without a stamp', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), fc.boolean(), (delimiter, stamped) => {
        const format = { kind: 'delimiter', delimiter } as const;
        const stamp = stamped ? createStamp(format) : null;
        const bytes = written(source({ format, stamp, size: fixedSize(500) }), 500);
        expect(bytes.filter((byte) => delimiter.includes(byte))).toHaveLength(0);
      }),
    );
  });

  it('refuses what can only be a mistake of its caller', () => {
    const stamp = createStamp(parseFrameFormat('u8'));
    expect(() => source({ message: Buffer.from('a') })).toThrow('either');
    expect(() => source({ size: null })).toThrow('either');
    expect(() => source({ stamp, size: parsePayloadSize('uniform:15B..20B') })).toThrow('room');
    expect(() => written(source({}), 65)).toThrow('larger');
  });
});

describe('PayloadSource.matchesContent', () => {
  // Sizes on both sides of where the comparison changes its method.
  it.each([1, 48, 80, 81, 4096])(
    'tells %i bytes at any offset from ones that differ in one place',
    (length) => {
      const payload = source({ size: fixedSize(5000) });
      const content = written(payload, 5000);
      fc.assert(
        fc.property(fc.nat(5000 - length), fc.nat(9), fc.nat(length - 1), (offset, before, wrong) => {
          const chunk = Buffer.concat([
            Buffer.alloc(before, 0xee),
            content.subarray(offset, offset + length),
            Buffer.alloc(9, 0xee),
          ]);
          expect(payload.matchesContent(chunk, before, before + length, offset)).toBe(true);
          chunk[before + wrong] = (chunk[before + wrong] ?? 0) ^ 1;
          expect(payload.matchesContent(chunk, before, before + length, offset)).toBe(false);
        }),
        { numRuns: 50 },
      );
    },
  );

  it('refuses bytes beyond the content, and accepts none at its end', () => {
    const payload = source({ size: fixedSize(10) });
    const content = written(payload, 10);
    const longer = Buffer.concat([content, Buffer.alloc(500)]);
    expect(payload.matchesContent(longer, 0, 11, 0)).toBe(false);
    expect(payload.matchesContent(longer, 0, 500, 0)).toBe(false);
    expect(payload.matchesContent(longer, 5, 5, 10)).toBe(true);
    expect(payload.matchesContent(longer, 5, 6, 10)).toBe(false);
  });

  it('writes the same bytes to every place, and knows them and any that differs at every place', () => {
    const sizes = fc.integer({ min: 16, max: 400 });
    const places = fc.integer({ min: 0, max: 9 });
    const plan = fc.record({ size: sizes, at: places, from: places, skip: fc.nat(399), flip: fc.nat(399) });
    const stamp = createStamp(parseFrameFormat('u32be'));
    const payload = source({ size: parsePayloadSize('uniform:16B..400B'), stamp });
    const reference = written(payload, 400);
    fc.assert(
      fc.property(plan, ({ size, at, from, skip, flip }) => {
        const out = Buffer.alloc(from + at + size + 8, 0xee).subarray(from);
        payload.write(out, at, size, STAMP);
        expect(out.subarray(at, at + size)).toEqual(reference.subarray(0, size));
        expect(out.subarray(0, at).every((byte) => byte === 0xee)).toBe(true);
        expect(out.subarray(at + size).every((byte) => byte === 0xee)).toBe(true);
        const offset = Math.min(size, Math.max(16, skip));
        expect(payload.matchesContent(out, at + offset, at + size, offset)).toBe(true);
        if (offset === size) return;
        out[at + offset + (flip % (size - offset))]! ^= 1;
        expect(payload.matchesContent(out, at + offset, at + size, offset)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
