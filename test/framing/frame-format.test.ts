import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  formatFrameFormat,
  FrameFormatError,
  headerRestBytes,
  parseFrameFormat,
  type FrameFormat,
  type LengthFrameFormat,
} from '../../src/framing/frame-format.ts';
import { anyFramedFormat } from '../support/framed-streams.ts';

function length(format: Partial<LengthFrameFormat>): LengthFrameFormat {
  return {
    kind: 'length',
    width: 'u32',
    littleEndian: false,
    countsHeader: false,
    lengthOffset: 0,
    headerBytes: 4,
    ...format,
  };
}

describe('parseFrameFormat', () => {
  it.each<[string, string, FrameFormat]>([
    ['u8', 'a byte', length({ width: 'u8', headerBytes: 1 })],
    ['u16be', 'two bytes, the high one first', length({ width: 'u16', headerBytes: 2 })],
    ['u16le', 'two bytes, the low one first', length({ width: 'u16', littleEndian: true, headerBytes: 2 })],
    ['u32be', 'the default form', length({})],
    ['u32le', 'four bytes, the low one first', length({ littleEndian: true })],
    ['u64be', 'eight bytes', length({ width: 'u64', headerBytes: 8 })],
    ['u64le', 'eight, the low one first', length({ width: 'u64', littleEndian: true, headerBytes: 8 })],
    ['varint', 'a header whose size its length decides', length({ width: 'varint', headerBytes: 0 })],
    ['u32be+header', 'the length counts itself', length({ countsHeader: true })],
    ['u32be@4', 'the header ends with its length', length({ lengthOffset: 4, headerBytes: 8 })],
    ['u32be@4/12', 'four more bytes follow the length', length({ lengthOffset: 4, headerBytes: 12 })],
    ['u8@0/8', 'a header that begins with its length', length({ width: 'u8', headerBytes: 8 })],
    ['varint@2', 'two bytes before the varint', length({ width: 'varint', lengthOffset: 2, headerBytes: 0 })],
    ['varint@2/7', 'five bytes for it', length({ width: 'varint', lengthOffset: 2, headerBytes: 7 })],
    ['u32be+header@4/12', 'both', length({ countsHeader: true, lengthOffset: 4, headerBytes: 12 })],
    ['u32be@4/12+header', 'both, swapped', length({ countsHeader: true, lengthOffset: 4, headerBytes: 12 })],
    ['delim:\\r\\n', 'escapes', { kind: 'delimiter', delimiter: Uint8Array.of(13, 10) }],
    ['delim:hex:00ff', 'hexadecimal', { kind: 'delimiter', delimiter: Uint8Array.of(0, 255) }],
    ['delim:END', 'plain text', { kind: 'delimiter', delimiter: new Uint8Array([69, 78, 68]) }],
    ['fixed:128', 'a size', { kind: 'fixed', payloadBytes: 128 }],
    ['none', 'a byte stream', { kind: 'none' }],
  ])('reads %s: %s', (spec, _why, format) => {
    expect(parseFrameFormat(spec)).toEqual(format);
  });

  it.each([
    ['', 'nothing'],
    ['u32', 'no byte order'],
    ['u8be', 'a byte has no order'],
    ['U32BE', 'capitals'],
    ['u24be', 'an unknown width'],
    ['u32be ', 'a trailing blank'],
    ['u32be+header+header', 'a suffix twice'],
    ['u32be@1@2', 'two places'],
    ['u32be@', 'no number'],
    ['u32be@-1', 'a negative place'],
    ['u32be@4/7', 'a header that cuts its length off'],
    ['u32be@4093', 'a header of 4097 bytes'],
    ['u8@0/5000', 'a header of 5000 bytes'],
    ['varint@3/3', 'no room for the varint'],
    ['u8+header@0/256', 'a length that cannot even count the header'],
    ['delim:', 'an empty delimiter'],
    ['delim:12345678901234567', 'a delimiter of 17 bytes'],
    ['delim:\\q', 'an unknown escape'],
    ['fixed:0', 'no payload'],
    ['fixed:1.5', 'half a byte'],
    ['fixed:268435457', 'more than 256 MiB'],
    ['fixed:64B', 'a unit where none is taken'],
    ['none+header', 'a suffix that has no header'],
  ])('refuses %s: %s', (spec) => {
    expect(() => parseFrameFormat(spec)).toThrow(FrameFormatError);
    expect(() => parseFrameFormat(spec)).toThrow(/accepted forms: u8, .*varint.*delim:.*fixed:128.*none/);
    expect(() => parseFrameFormat(spec)).toThrow(JSON.stringify(spec));
  });

  it('takes a header of 255 bytes that u8 can just count', () => {
    expect(parseFrameFormat('u8+header@0/255')).toMatchObject({ headerBytes: 255, countsHeader: true });
  });
});

describe('formatFrameFormat', () => {
  it('writes forms that read back as the same format', () => {
    fc.assert(
      fc.property(fc.oneof(anyFramedFormat, fc.constant<FrameFormat>({ kind: 'none' })), (format) => {
        const read = parseFrameFormat(formatFrameFormat(format));
        expect(read).toEqual(format);
      }),
    );
  });

  it.each([
    ['u32be@0/4', 'u32be'],
    ['u32be@4/8+header', 'u32be+header@4'],
    ['u8@0/8', 'u8@0/8'],
    ['varint@2/7', 'varint@2/7'],
    ['delim:hex:656e64', 'delim:end'],
  ])('shortens %s to %s', (spec, short) => {
    expect(formatFrameFormat(parseFrameFormat(spec))).toBe(short);
  });
});

describe('headerRestBytes', () => {
  it.each([
    ['u32be', 0],
    ['u32be@4/12', 8],
    ['u16le@6', 6],
    ['varint', 0],
    ['varint@3', 3],
    ['varint@3/9', 3],
    ['delim:\\n', 0],
    ['fixed:8', 0],
    ['none', 0],
  ])('of %s are %i', (spec, bytes) => {
    expect(headerRestBytes(parseFrameFormat(spec))).toBe(bytes);
  });
});
