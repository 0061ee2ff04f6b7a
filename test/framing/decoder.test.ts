import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createDecoder } from '../../src/framing/decoder.ts';
import { createEncoder } from '../../src/framing/encoder.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { anyStream, cutAt, decodeAll, encodeAll } from '../support/framed-streams.ts';

const MAX_BYTES = 1000;

/** `hex` as bytes; blanks may separate what belongs apart. */
function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function everyByte(stream: Uint8Array): Uint8Array[] {
  return cutAt(stream, [...stream.keys()]);
}

/** The stream whole, byte by byte, and in two at every place. */
function everyCut(stream: Uint8Array): Uint8Array[][] {
  return [[stream], everyByte(stream), ...[...stream.keys()].map((cut) => cutAt(stream, [cut]))];
}

describe('createDecoder', () => {
  it('finds the same frames wherever the stream is cut, for every form with frames', () => {
    fc.assert(
      fc.property(anyStream, ({ format, payloads, header, cuts }) => {
        const stream = encodeAll(format, payloads, header);
        const expected = { payloads: payloads.map((payload) => Buffer.from(payload)), result: 'starved' };
        expect(decodeAll(createDecoder(format, MAX_BYTES), cutAt(stream, cuts))).toEqual(expected);
        expect(decodeAll(createDecoder(format, MAX_BYTES), everyByte(stream))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('passes a stream without frames on unchanged, a chunk a piece', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat(200)), (stream, cuts) => {
        const chunks = cutAt(stream, cuts);
        const { payloads, result } = decodeAll(createDecoder({ kind: 'none' }, 1), chunks);
        expect(result).toBe('starved');
        const filled = chunks.filter((chunk) => chunk.length > 0).map((chunk) => Buffer.from(chunk));
        expect(payloads).toEqual(filled);
      }),
    );
  });

  it.each([
    ['u8', '02 6869 00 01 21', ['6869', '', '21'], 'the length is a byte'],
    ['u16be', '0002 6869', ['6869'], 'the high byte comes first'],
    ['u16le', '0200 6869', ['6869'], 'the low byte comes first'],
    ['u32be', '00000002 6869', ['6869'], 'the high byte comes first'],
    ['u32le', '02000000 6869', ['6869'], 'the low byte comes first'],
    ['u64be', '0000000000000002 6869', ['6869'], 'the high byte comes first'],
    ['u64le', '0200000000000000 6869', ['6869'], 'the low byte comes first'],
    ['u16be+header', '0004 6869 0002', ['6869', ''], 'the length counts its own two bytes'],
    ['u16be@1', 'ff 0002 6869', ['6869'], 'a byte stands before the length'],
    ['u16le@1/4', 'ff 0200 ee 6869', ['6869'], 'a byte stands on both sides of the length'],
    ['u8+header@1/3', 'ff 05 ee 6869', ['6869'], 'the length counts the three bytes of the header'],
    ['varint', '02 6869 00', ['6869', ''], 'seven bits suffice'],
    ['varint', '8200 6869', ['6869'], 'a padded varint counts as its value'],
    ['varint', '82808080808080808000 6869', ['6869'], 'ten bytes are allowed'],
    ['varint', 'ac02' + '61'.repeat(300), ['61'.repeat(300)], 'the low seven bits come first (300 = ac 02)'],
    ['varint+header', '03 6869', ['6869'], 'the length counts its own byte'],
    ['varint+header', '8400 6869', ['6869'], 'the length counts both bytes of a padded varint'],
    ['varint@1/4', 'ff 02 0000 6869', ['6869'], 'the bytes behind the varint are header too'],
    ['delim:\\n', '6869 0a 0a 21 0a', ['6869', '', '21'], 'a delimiter alone ends an empty frame'],
    ['delim:\\r\\n', '6869 0d0a 0d21 0d0a', ['6869', '0d21'], 'half a delimiter is payload'],
    ['delim:\\r\\n', '0d0d0a', ['0d'], 'a false start may be followed at once by the true one'],
    ['delim:aab', '616161 6162', ['6161'], 'a delimiter may begin within a false start'],
    ['delim:abab', '6162 6162 6162 6162', ['', ''], 'a delimiter does not overlap the one before'],
    ['fixed:2', '6869 2121', ['6869', '2121'], 'frames have no header'],
  ])('%s takes %s for %j wherever it is cut: %s', (spec, stream, payloads) => {
    for (const chunks of everyCut(bytes(stream))) {
      const decoder = createDecoder(parseFrameFormat(spec), MAX_BYTES);
      expect(decodeAll(decoder, chunks)).toEqual({ payloads: payloads.map(bytes), result: 'starved' });
      expect(decoder.midFrame).toBe(false);
    }
  });

  it.each<[string, string, 'oversize' | 'malformed', string]>([
    ['u8', '0b', 'oversize', 'one byte more than is accepted'],
    ['u16be', 'ffff', 'oversize', 'a length beyond the maximum'],
    ['u32be', 'ffffffff', 'oversize', 'minus one is a large unsigned length'],
    ['u32le', '0000ff00', 'oversize', 'a large length with its low bytes zero'],
    ['u64be', '0000000100000000', 'oversize', 'a length of 2^32 is not taken for zero'],
    ['u64le', '0000000001000000', 'oversize', 'a length of 2^32 with the low byte first'],
    ['u64be', '001fffffffffffff', 'oversize', '2^53 - 1 is the largest exact length'],
    ['u64be', '0020000000000000', 'malformed', '2^53 cannot be told from its neighbour'],
    ['u64le', '0100000000002000', 'malformed', '2^53 + 1 rounds to 2^53'],
    ['u64be', 'ffffffffffffffff', 'malformed', 'all bits set'],
    ['u64be+header', '0020000000000000', 'malformed', '2^53 stays absurd when the header is taken off'],
    ['u16be+header', '0001', 'malformed', 'a length smaller than its header'],
    ['u32be+header', '00000000', 'malformed', 'a length of zero that should count four bytes'],
    ['u8+header@1/3', 'ff 02 ee', 'malformed', 'a length smaller than the longer header'],
    ['varint', '0b', 'oversize', 'one byte more than is accepted'],
    ['varint', 'ffffffffffffff0f', 'oversize', '2^53 - 1'],
    ['varint', '8080808080808010', 'malformed', '2^53'],
    ['varint', 'ffffffffffffffffff01', 'malformed', '2^64 - 1'],
    ['varint', 'ffffffffffffffffff7f', 'malformed', 'ten bytes that overflow 64 bits'],
    ['varint', '80808080808080808080', 'malformed', 'ten bytes and no end'],
    ['varint+header', '00', 'malformed', 'a length of zero that should count a byte'],
    ['varint+header', '8100', 'malformed', 'a length of one in a varint of two bytes'],
    ['varint@1/3', 'ff 8080', 'malformed', 'a varint that runs past its header'],
    ['delim:\\n', '62'.repeat(11), 'oversize', 'eleven bytes and no delimiter'],
    ['delim:\\n', '62'.repeat(11) + '0a', 'oversize', 'eleven bytes before the delimiter'],
    ['delim:\\r\\n', '62'.repeat(10) + '0d62', 'oversize', 'the false start is the eleventh byte'],
  ])('%s reports %s as %s wherever it is cut: %s', (spec, stream, fault) => {
    const format = parseFrameFormat(spec);
    const afterGoodFrame = Buffer.concat([encodeAll(format, [Buffer.from('a')]), bytes(stream)]);
    for (const chunks of everyCut(afterGoodFrame)) {
      const decoder = createDecoder(format, 10);
      expect(decodeAll(decoder, chunks)).toEqual({ payloads: [Buffer.from('a')], result: fault });
    }
  });

  it('takes payloads of exactly the maximum', () => {
    for (const spec of ['u8', 'u64le', 'varint', 'delim:\\r\\n', 'fixed:10']) {
      const format = parseFrameFormat(spec);
      const stream = encodeAll(format, [Buffer.alloc(10, 0x61)]);
      for (const chunks of everyCut(stream)) {
        expect(decodeAll(createDecoder(format, 10), chunks).payloads).toHaveLength(1);
      }
    }
  });

  it.each(['u8', 'varint', 'delim:\\n', 'fixed:20'])('of %s stays at its fault whatever follows', (spec) => {
    const format = parseFrameFormat(spec);
    const decoder = createDecoder(format, 10);
    expect(decodeAll(decoder, [Buffer.alloc(20, 20)]).result).toBe('oversize');
    expect(decoder.next()).toBe('oversize');
    expect(decodeAll(decoder, [encodeAll(parseFrameFormat('u8'), [Buffer.from('a')])])).toEqual({
      payloads: [],
      result: 'oversize',
    });
  });

  it('refuses to be fed while bytes are left', () => {
    const decoder = createDecoder(parseFrameFormat('u8'), 10);
    decoder.feed(bytes('0161 0161'), 0, 4);
    expect(decoder.next()).toBe('piece');
    expect(() => decoder.feed(bytes('00'), 0, 1)).toThrow('starved');
  });

  it('points into the chunk that was fed instead of copying it', () => {
    const chunk = bytes('0261 62');
    const decoder = createDecoder(parseFrameFormat('u8'), 10);
    decoder.feed(chunk, 0, 3);
    expect(decoder.next()).toBe('piece');
    expect(decoder.bytes).toBe(chunk);
    expect([decoder.start, decoder.end, decoder.offset, decoder.last]).toEqual([1, 3, 0, true]);
  });
});

describe('FrameDecoder.frameBytesSoFar', () => {
  it('counts what has come of the unfinished frame, and midFrame tells whether there is one', () => {
    fc.assert(
      fc.property(anyStream, ({ format, payloads, header, cuts }) => {
        const encoder = createEncoder(format, header);
        const frameEnds = [0];
        for (const { length } of payloads)
          frameEnds.push(encoder.frameBytes(length) + (frameEnds.at(-1) ?? 0));
        const decoder = createDecoder(format, MAX_BYTES);
        let fed = 0;
        for (const chunk of cutAt(encodeAll(format, payloads, header), cuts)) {
          decodeAllOf(decoder, chunk);
          fed += chunk.length;
          const frameStart = Math.max(...frameEnds.filter((end) => end <= fed));
          expect(decoder.frameBytesSoFar).toBe(fed - frameStart);
          expect(decoder.midFrame).toBe(fed > frameStart);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is 0 for a stream without frames', () => {
    const decoder = createDecoder({ kind: 'none' }, 10);
    decodeAllOf(decoder, Buffer.from('abc'));
    expect([decoder.frameBytesSoFar, decoder.midFrame]).toEqual([0, false]);
  });

  it.each([
    ['u8', '05 6161', 3, 'the header and what the chunk held behind it'],
    ['u8', '05 616161616161', 6, 'the frame, but not what lay behind it in the chunk'],
    ['delim:|', '6161616161', 5, 'all that came without a delimiter'],
    ['delim:|', '6161616161 7c 61', 6, 'the frame with its delimiter'],
  ])('of an oversize frame of %s that came as %s is %i: %s', (format, hex, soFar) => {
    const decoder = createDecoder(parseFrameFormat(format), 4);
    const chunk = bytes(hex);
    decoder.feed(chunk, 0, chunk.length);
    expect(decoder.next()).toBe('oversize');
    expect([decoder.frameBytesSoFar, decoder.midFrame]).toEqual([soFar, true]);
  });

  it('is right between the pieces of a chunk, too', () => {
    const decoder = createDecoder(parseFrameFormat('u8'), 10);
    decoder.feed(bytes('0161 0261'), 0, 4);
    decoder.next();
    expect([decoder.midFrame, decoder.frameBytesSoFar]).toEqual([false, 0]);
    decoder.next();
    expect([decoder.midFrame, decoder.frameBytesSoFar]).toEqual([true, 2]);
  });
});

function decodeAllOf(decoder: ReturnType<typeof createDecoder>, chunk: Uint8Array): void {
  decoder.feed(chunk, 0, chunk.length);
  while (decoder.next() === 'piece');
}

describe('FrameDecoder.next', () => {
  it.each(['u32be', 'varint', 'delim:\\r\\n', 'fixed:64'])('of %s allocates nothing per frame', (spec) => {
    const format = parseFrameFormat(spec);
    const frames = 2000;
    const stream = encodeAll(format, Array<Buffer>(frames).fill(Buffer.alloc(64, 0x61)));
    // A cut within a header or delimiter, so that the slow ways are gone through as well.
    const chunks = cutAt(stream, [stream.length - 1, Math.floor(stream.length / 2), 65, 66, 2]);
    const decoder = createDecoder(format, MAX_BYTES);
    const decodeOften = (times: number): void => {
      for (let i = 0; i < times; i++) for (const chunk of chunks) decodeAllOf(decoder, chunk);
    };
    decodeOften(200);
    const growths = Array.from({ length: 7 }, () => {
      const before = process.memoryUsage().heapUsed;
      decodeOften(100);
      return process.memoryUsage().heapUsed - before;
    });
    // 100 rounds of 2000 frames: one byte a frame would be 200,000.
    expect(growths.toSorted((a, b) => a - b)[3]).toBeLessThan(100_000);
  });
});
