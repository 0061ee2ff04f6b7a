import { describe, expect, it } from 'vitest';

import { createEncoder, maxPayloadBytes } from '../../src/framing/encoder.ts';
import { FrameFormatError, parseFrameFormat } from '../../src/framing/frame-format.ts';
import { encodeAll } from '../support/framed-streams.ts';

describe('createEncoder', () => {
  it.each<[string, string | null, string, string]>([
    ['u8', null, '02 6869', 'the length counts the payload'],
    ['u16be', null, '0002 6869', 'the high byte comes first'],
    ['u16le', null, '0200 6869', 'the low byte comes first'],
    ['u32be', null, '00000002 6869', 'the high byte comes first'],
    ['u32le', null, '02000000 6869', 'the low byte comes first'],
    ['u64be', null, '0000000000000002 6869', 'the high byte comes first'],
    ['u64le', null, '0200000000000000 6869', 'the low byte comes first'],
    ['u32be+header', null, '00000006 6869', 'the length counts its own four bytes'],
    ['u16be@1/4', null, '00 0002 00 6869', 'without a text the header is zero but for the length'],
    ['u16be@1/4', 'abcd', 'ab 0002 cd 6869', 'the text goes before and behind the length'],
    ['u16le+header@2/6', '01020304', '0102 0800 0304 6869', 'the length counts all six bytes'],
    ['varint', null, '02 6869', 'one byte suffices'],
    ['varint+header', null, '03 6869', 'the length counts its own byte'],
    ['varint@2', 'abcd', 'abcd 02 6869', 'the text goes before the varint'],
    ['varint@1/4', 'ab', 'ab 02 0000 6869', 'what the varint leaves of the header is zero'],
    ['varint+header@1/4', 'ab', 'ab 06 0000 6869', 'the length counts all four bytes'],
    ['delim:\\r\\n', null, '6869 0d0a', 'the delimiter comes behind'],
    ['fixed:2', null, '6869', 'nothing is added'],
    ['none', null, '6869', 'nothing is added'],
  ])('%s with header %s writes %s around a payload: %s', (spec, header, wire) => {
    const text = header === null ? null : Buffer.from(header, 'hex');
    const frame = encodeAll(parseFrameFormat(spec), [Buffer.from('hi')], text);
    expect(frame.toString('hex')).toBe(wire.replaceAll(' ', ''));
  });

  it.each([
    ['varint', 127, '7f'],
    ['varint', 128, '8001'],
    ['varint', 300, 'ac02'],
    ['varint', 16_384, '808001'],
    ['varint+header', 126, '7f'],
    ['varint+header', 127, '8101'],
    ['varint+header', 16_381, 'ff7f'],
    ['varint+header', 16_382, '818001'],
  ])('%s tells %i bytes of payload as %s', (spec, payloadBytes, hex) => {
    const encoder = createEncoder(parseFrameFormat(spec), null);
    const frame = encodeAll(parseFrameFormat(spec), [Buffer.alloc(payloadBytes, 0x61)]);
    expect(encoder.payloadStart(payloadBytes)).toBe(hex.length / 2);
    expect(frame.subarray(0, hex.length / 2).toString('hex')).toBe(hex);
  });

  it('writes only around the payload, from the given place to the returned one', () => {
    const out = Buffer.alloc(20, 0xaa);
    const encoder = createEncoder(parseFrameFormat('u32be'), null);
    expect(encoder.encodeAround(out, 5, 3)).toBe(12);
    expect(out.toString('hex')).toBe('aa'.repeat(5) + '00000003' + 'aa'.repeat(11));
  });

  it.each([
    ['u32be', 1, 'must have 0 bytes'],
    ['u16be@1/4', 3, 'must have 2 bytes'],
    ['varint@2', 0, 'must have 2 bytes'],
    ['delim:\\n', 2, 'must have 0 bytes'],
  ])('refuses for %s a header text of %i bytes', (spec, headerBytes, message) => {
    const create = (): unknown => createEncoder(parseFrameFormat(spec), new Uint8Array(headerBytes));
    expect(create).toThrow(FrameFormatError);
    expect(create).toThrow(message);
  });

  it.each(['u8', 'u16be', 'u8+header', 'varint@0/1'])(
    '%s never writes a length that it cannot hold',
    (spec) => {
      const format = parseFrameFormat(spec);
      const encoder = createEncoder(format, null);
      const most = maxPayloadBytes(format);
      const out = Buffer.alloc(10);
      expect(encoder.encodeAround(out, 0, most)).toBe(encoder.frameBytes(most));
      expect(() => encoder.encodeAround(out, 0, most + 1)).toThrow('fits');
    },
  );
});

describe('maxPayloadBytes', () => {
  const limit = 256 * 1024 * 1024;
  it.each([
    ['u8', 255],
    ['u8+header', 254],
    ['u8+header@1/3', 252],
    ['u8+header@0/255', 0],
    ['u16le', 65_535],
    ['u16be+header@4/8', 65_527],
    ['u32be', limit],
    ['u64le+header', limit],
    ['varint', limit],
    ['varint+header', limit],
    ['varint@1/3', 16_383],
    ['varint+header@1/3', 16_380],
    ['delim:\\n', limit],
    ['fixed:7', 7],
    ['none', limit],
  ])('of %s is %i', (spec, most) => {
    expect(maxPayloadBytes(parseFrameFormat(spec))).toBe(most);
  });
});
