import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTextError, formatBytes, parseBytes } from '../../src/base/byte-text.ts';

describe('parseBytes', () => {
  it.each<[string, number[], string]>([
    ['ping', [0x70, 0x69, 0x6e, 0x67], 'text is UTF-8'],
    ['é', [0xc3, 0xa9], 'beyond ASCII too'],
    ['\\n\\r\\t\\0\\\\', [0x0a, 0x0d, 0x09, 0x00, 0x5c], 'every named escape'],
    ['\\xff\\x00a', [0xff, 0x00, 0x61], 'a byte by its number is that byte, not a character'],
    ['\\01', [0x00, 0x31], '\\0 takes no further digits'],
    ['hex:00ff10', [0x00, 0xff, 0x10], 'the whole in hexadecimal'],
    ['hex:', [], 'no bytes in hexadecimal'],
    ['', [], 'no bytes'],
    ['\\x68ex:00', [0x68, 0x65, 0x78, 0x3a, 0x30, 0x30], 'an escape keeps text from being hexadecimal'],
    ['a\nb', [0x61, 0x0a, 0x62], 'a line break stands for itself'],
  ])('reads %j: %s', (text, bytes) => {
    expect([...parseBytes(text)]).toEqual(bytes);
  });

  it.each([
    ['\\q', "'\\q' is not an escape", 'an unknown escape'],
    ['\\x1', "'\\x' is not an escape", 'half a byte'],
    ['\\x1g', "'\\x' is not an escape", 'no hexadecimal digit'],
    ['a\\', "'\\' is not an escape", 'an escape of nothing'],
    ['hex:0', '"hex:0" must hold pairs', 'an odd number of digits'],
    ['hex:0g', '"hex:0g" must hold pairs', 'a digit that is none'],
    ['hex:00 ff', '"hex:00 ff" must hold pairs', 'a space'],
    ['\ud800', 'half a surrogate pair', 'what UTF-8 cannot say'],
  ])('refuses %j with %j: %s', (text, message) => {
    expect(() => parseBytes(text)).toThrow(ByteTextError);
    expect(() => parseBytes(text)).toThrow(message);
    expect(() => parseBytes(text)).toThrow('bytes read like ping\\r\\n (escapes \\n \\r \\t \\0 \\\\ \\xHH)');
  });
});

describe('formatBytes', () => {
  it.each<[number[], string, string]>([
    [[0x68, 0x69, 0x0a], 'hi\\n', 'readable text with escapes'],
    [[0x0d, 0x0a], '\\r\\n', 'line ends count as readable'],
    [[0x00, 0x00, 0x00, 0x01], 'hex:00000001', 'mostly unreadable bytes'],
    [[0x61, 0xff], 'hex:61ff', 'bytes that are no UTF-8'],
    [[0x68, 0x65, 0x78, 0x3a, 0x61], '\\x68ex:a', 'text that looks like the other form'],
    [[], '', 'no bytes'],
  ])('writes %j as %s: %s', (bytes, text) => {
    expect(formatBytes(Uint8Array.from(bytes))).toBe(text);
  });

  it('writes what parseBytes reads back as the same bytes', () => {
    const texts = fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text));
    const prefixed = fc.string().map((text) => new TextEncoder().encode(`hex:${text}`));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), texts, prefixed), (bytes) => {
        expect(parseBytes(formatBytes(bytes))).toEqual(bytes);
      }),
    );
  });
});
