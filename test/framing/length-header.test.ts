import { describe, expect, test } from 'vitest';

import { parseFrameFormat, type LengthFrameFormat } from '../../src/framing/frame-format.ts';
import { hasFixedHeader, LengthHeader } from '../../src/framing/length-header.ts';

function headerOf(spec: string): LengthHeader {
  const format = parseFrameFormat(spec);
  if (format.kind !== 'length' || !hasFixedHeader(format)) throw new Error('no fixed header');
  return new LengthHeader(format);
}

describe('LengthHeader', () => {
  test.each([
    ['u32be', '00000105', 4, 0x105, 0],
    ['u32le', '05010000', 4, 0x105, 0],
    ['u8', '41', 1, 0x41, 0],
    ['u64be', '0000000100000002', 8, 2 ** 32 + 2, 0],
    ['u16be+header', '0044', 2, 0x44, 2],
    ['u32be@4/12', 'aabbccdd00000105eeeeeeee', 12, 0x105, 0],
  ])('reads and writes %s, wherever the header lies', (spec, hex, bytes, length, uncounted) => {
    const header = headerOf(spec);
    expect([header.bytes, header.uncounted]).toEqual([bytes, uncounted]);
    for (const before of [0, 3]) {
      const chunk = Buffer.concat([
        Buffer.alloc(before, 0xff),
        Buffer.from(hex, 'hex'),
        Buffer.alloc(9, 0xff),
      ]);
      expect(header.lengthAt(chunk, before)).toBe(length);
      const written = Buffer.from(chunk).fill(
        0xaa,
        before + header.fieldAt,
        before + header.fieldAt + header.field.bytes,
      );
      header.putLength(written, before, length);
      expect(written).toEqual(chunk);
    }
  });
});

test('hasFixedHeader is false of a varint alone', () => {
  const format = (spec: string): LengthFrameFormat => parseFrameFormat(spec) as LengthFrameFormat;
  expect(hasFixedHeader(format('varint'))).toBe(false);
  expect(hasFixedHeader(format('u64le@2/16'))).toBe(true);
});
