import fc from 'fast-check';

import type { DecoderResult, FrameDecoder } from '../../src/framing/decoder.ts';
import { createEncoder } from '../../src/framing/encoder.ts';
import { headerRestBytes, type FrameFormat } from '../../src/framing/frame-format.ts';

/** What came out of a decoder: whole payloads, and how it stood when all chunks were used up. */
export interface Decoded {
  payloads: Buffer[];
  result: DecoderResult;
}

/** Feeds every chunk and gathers whole payloads; throws where pieces leave a gap, overlap or have no bytes to offer. */
export function decodeAll(decoder: FrameDecoder, chunks: readonly Uint8Array[]): Decoded {
  const payloads: Buffer[] = [];
  let pieces: Buffer[] = [];
  let offset = 0;
  let result: DecoderResult = 'starved';
  for (const chunk of chunks) {
    // The decoder gets a window of a larger buffer, whose other bytes it must not look at.
    const around = Buffer.concat([Buffer.alloc(3, 0x0a), chunk, Buffer.alloc(3, 0x0a)]);
    decoder.feed(around, 3, 3 + chunk.length);
    for (result = decoder.next(); result === 'piece'; result = decoder.next()) {
      if (decoder.offset !== offset) throw new Error(`piece at ${decoder.offset} instead of ${offset}`);
      if (decoder.start === decoder.end && !decoder.last)
        throw new Error('an empty piece that is not the last');
      pieces.push(Buffer.from(decoder.bytes.subarray(decoder.start, decoder.end)));
      offset += decoder.end - decoder.start;
      if (!decoder.last) continue;
      payloads.push(Buffer.concat(pieces));
      pieces = [];
      offset = 0;
    }
    // A chunk is valid until the next one only: what a decoder kept of it would come out wrong.
    around.fill(0xee);
  }
  return { payloads, result };
}

/** The stream of all payloads as frames. */
export function encodeAll(
  format: FrameFormat,
  payloads: readonly Uint8Array[],
  header: Uint8Array | null = null,
): Buffer {
  const encoder = createEncoder(format, header);
  const out = Buffer.alloc(
    payloads.reduce((sum, payload) => sum + encoder.frameBytes(payload.length), 0),
    0xaa,
  );
  let at = 0;
  for (const payload of payloads) {
    out.set(payload, at + encoder.payloadStart(payload.length));
    at = encoder.encodeAround(out, at, payload.length);
  }
  if (at !== out.length) throw new Error(`frames end at ${at} instead of ${out.length}`);
  return out;
}

/** `stream` cut at every position of `cuts` (taken modulo its length); equal positions give empty chunks. */
export function cutAt(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const positions = cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b);
  return [...positions, stream.length].map((end, index) => stream.subarray(positions[index - 1] ?? 0, end));
}

const fixedWidth = fc
  .record({
    field: fc.constantFrom(['u8', 1], ['u16', 2], ['u32', 4], ['u64', 8] as const),
    littleEndian: fc.boolean(),
    countsHeader: fc.boolean(),
    lengthOffset: fc.nat(9),
    after: fc.nat(5),
  })
  .map(({ field: [width, bytes], littleEndian, countsHeader, lengthOffset, after }): FrameFormat => ({
    kind: 'length',
    width,
    littleEndian: littleEndian && width !== 'u8',
    countsHeader,
    lengthOffset,
    headerBytes: lengthOffset + bytes + after,
  }));

const varint = fc
  .record({ countsHeader: fc.boolean(), lengthOffset: fc.nat(9), room: fc.constantFrom(0, 2, 3, 10, 12) })
  .map(({ countsHeader, lengthOffset, room }): FrameFormat => ({
    kind: 'length',
    width: 'varint',
    littleEndian: false,
    countsHeader,
    lengthOffset,
    headerBytes: room === 0 ? 0 : lengthOffset + room,
  }));

const delimiter = fc
  .uint8Array({ minLength: 1, maxLength: 16 })
  .map((bytes): FrameFormat => ({ kind: 'delimiter', delimiter: bytes }));

/** Delimiters of two letters overlap themselves in many ways: the hard ones for a decoder. */
const overlappingDelimiter = fc
  .array(fc.constantFrom(0x0a, 0x0d), { minLength: 1, maxLength: 6 })
  .map((bytes): FrameFormat => ({ kind: 'delimiter', delimiter: Uint8Array.from(bytes) }));

const fixed = fc
  .integer({ min: 1, max: 300 })
  .map((payloadBytes): FrameFormat => ({ kind: 'fixed', payloadBytes }));

/** Any frame format that has frames, i.e. all but `none`. */
export const anyFramedFormat: fc.Arbitrary<FrameFormat> = fc.oneof(
  fixedWidth,
  varint,
  delimiter,
  overlappingDelimiter,
  fixed,
);

/** A payload that `format` can carry. */
function anyPayload(format: FrameFormat): fc.Arbitrary<Uint8Array> {
  if (format.kind === 'fixed') {
    return fc.uint8Array({ minLength: format.payloadBytes, maxLength: format.payloadBytes });
  }
  if (format.kind !== 'delimiter') return fc.uint8Array({ maxLength: 200 });
  return delimitedPayload(format.delimiter);
}

/** Bytes of the delimiter and others, as long as the delimiter first occurs right behind them. */
function delimitedPayload(mark: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.oneof(fc.constantFrom(...mark), fc.integer({ min: 0, max: 255 })), { maxLength: 60 })
    .map((bytes) => {
      const end = Buffer.from([...bytes, ...mark]).indexOf(mark);
      return Uint8Array.from(bytes.slice(0, end));
    });
}

/** A format, payloads for it, a header text, and where to cut the stream. */
export const anyStream: fc.Arbitrary<{
  format: FrameFormat;
  payloads: Uint8Array[];
  header: Uint8Array | null;
  cuts: number[];
}> = anyFramedFormat.chain((format) =>
  fc.record({
    format: fc.constant(format),
    payloads: fc.array(anyPayload(format), { maxLength: 8 }),
    header: fc.option(
      fc.uint8Array({ minLength: headerRestBytes(format), maxLength: headerRestBytes(format) }),
    ),
    cuts: fc.array(fc.nat(4000), { maxLength: 40 }),
  }),
);
