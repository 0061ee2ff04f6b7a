import { deflateSync, inflateSync } from 'node:zlib';
import { Float64Histogram, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import type { CompactCounts } from './compact-counts.ts';
import { INDEX_COUNT, RECORDED_US_MAX } from './time-index.ts';

/*
 * HdrHistogram's V2 compressed encoding as base64, the last field of an .hlog line.
 *
 *   outer: cookie (4), length of the deflated part (4), the deflated part
 *   inner: cookie (4), payload length (4), normalizing index offset (4), significant digits (4),
 *          lowest value (8), highest value (8), conversion ratio as a double (8), payload
 *   payload: the counts by index as ZigZag LEB128 numbers, n > 1 zeros in a row as -n
 *
 * Written and read here and not by the library: a soak encodes three histograms a second and merges those of its past,
 * and the library takes five times as long, gets two fields of the header wrong (offset 1, and an integer for the
 * ratio, which the C reader takes for 5e-324) and trusts the lengths it reads. What other tools wrote in another layout
 * goes through the library all the same.
 * Source: HdrHistogram, AbstractHistogram.java, encodeIntoCompressedByteBuffer, encodeIntoByteBuffer and
 * fillBufferFromCountsArray; ZigZagEncoding.java.
 */

const COMPRESSED_COOKIE_BASE = 0x1c849304;
const INNER_COOKIE_BASE = 0x1c849303;
/** The bits of a cookie that hold the word size; V2 writes 1. */
const COOKIE_WORD_SIZE_BITS = 0xf0;
const COOKIE_WORD_SIZE = 0x10;
const OUTER_HEADER_BYTES = 8;
const INNER_HEADER_BYTES = 40;
const PAYLOAD_LENGTH_OFFSET = 4;
const DIGITS_OFFSET = 12;
const LOWEST_OFFSET = 16;
const HIGHEST_OFFSET = 24;
const CONVERSION_RATIO_OFFSET = 32;
const SIGNIFICANT_DIGITS = 3;
/** Of one number: a count is below 2^53, hence 54 bits with its sign, 7 a byte. */
const NUMBER_BYTES = 8;

/**
 * A window and tables of the size of such a payload, and the least effort: 2% longer than with the defaults, in a third
 * of the time. Output comes in chunks that Node cuts from a pool; its default of 16 KiB would be allocated and thrown
 * away at every call.
 */
const CHUNK_BYTES = 2048;
const DEFLATE = { level: 1, windowBits: 12, memLevel: 5, chunkSize: CHUNK_BYTES };

/** For what is deflated: half a megabyte a second of garbage otherwise. */
const SCRATCH = Buffer.allocUnsafe(INNER_HEADER_BYTES + INDEX_COUNT * NUMBER_BYTES);

/** Likewise, for what is base64 in the text. */
const OUTER_SCRATCH = Buffer.allocUnsafe(64 * 1024);

/** Largest inflated histogram that is read; five digits over the whole range of 63 bits need less. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The counts of a histogram of microsecond-counts.ts as base64 that the Java and C readers understand.
 * @param highest the largest value that the histogram has an index for
 */
export function encodeCounts(compact: CompactCounts, highest: number): string {
  // Each count has a number, and at most one number of zeros stands before it.
  const bytesMax = INNER_HEADER_BYTES + compact.length * 2 * NUMBER_BYTES;
  const inner = bytesMax > SCRATCH.length ? Buffer.allocUnsafe(bytesMax) : SCRATCH;
  const length = writePayload(inner, compact);
  inner.writeInt32BE(INNER_COOKIE_BASE | COOKIE_WORD_SIZE, 0);
  inner.writeInt32BE(length - INNER_HEADER_BYTES, PAYLOAD_LENGTH_OFFSET);
  inner.writeInt32BE(0, PAYLOAD_LENGTH_OFFSET + 4);
  inner.writeInt32BE(SIGNIFICANT_DIGITS, DIGITS_OFFSET);
  inner.writeBigInt64BE(1n, LOWEST_OFFSET);
  inner.writeBigInt64BE(BigInt(highest), HIGHEST_OFFSET);
  inner.writeDoubleBE(1, CONVERSION_RATIO_OFFSET);
  const deflated = deflateSync(inner.subarray(0, length), DEFLATE);
  const end = OUTER_HEADER_BYTES + deflated.length;
  const outer = end > OUTER_SCRATCH.length ? Buffer.allocUnsafe(end) : OUTER_SCRATCH;
  outer.writeInt32BE(COMPRESSED_COOKIE_BASE | COOKIE_WORD_SIZE, 0);
  outer.writeInt32BE(deflated.length, PAYLOAD_LENGTH_OFFSET);
  deflated.copy(outer, OUTER_HEADER_BYTES);
  return outer.toString('base64', 0, end);
}

/** Returns where the payload ends. */
function writePayload(into: Buffer, { indices, counts, length }: CompactCounts): number {
  let at = INNER_HEADER_BYTES;
  let next = 0;
  // The library writes a zero where nothing is counted.
  if (length === 0) into[at++] = 0;
  for (let i = 0; i < length; i++) {
    const zeros = indices[i]! - next;
    if (zeros === 1) into[at++] = 0;
    else if (zeros > 1) at = writeNumber(into, at, 2 * zeros - 1);
    at = writeNumber(into, at, 2 * counts[i]!);
    next = indices[i]! + 1;
  }
  return at;
}

/** @param zigZag the number, its sign in the lowest bit */
function writeNumber(into: Buffer, start: number, zigZag: number): number {
  let at = start;
  let rest = zigZag;
  while (rest >= 128) {
    into[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}

/**
 * Tells the counts behind a base64 text that was written in the layout of microsecond-counts.ts, by ascending index.
 * @returns false where it has another layout, which `decodeHistogram` reads
 * @throws {Error} when the text is cut short, damaged or not a V2 histogram
 */
export function readCounts(text: string, visit: (index: number, count: number) => void): boolean {
  const inner = innerOf(outerOf(text));
  const isOwn =
    inner.readInt32BE(DIGITS_OFFSET) === SIGNIFICANT_DIGITS &&
    inner.readBigInt64BE(LOWEST_OFFSET) === 1n &&
    inner.readBigInt64BE(HIGHEST_OFFSET) === BigInt(RECORDED_US_MAX) &&
    inner.readInt32BE(PAYLOAD_LENGTH_OFFSET + 4) === 0;
  if (isOwn) readPayload(inner, visit);
  return isOwn;
}

function readPayload(inner: Buffer, visit: (index: number, count: number) => void): void {
  const end = INNER_HEADER_BYTES + inner.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  let index = 0;
  for (let at = INNER_HEADER_BYTES; at < end;) {
    let rest = 0;
    let scale = 1;
    for (;;) {
      const byte = inner[at++]!;
      rest += (byte & 127) * scale;
      if (byte < 128 || at >= end) break;
      scale *= 128;
    }
    if (rest % 2 === 1) index += (rest + 1) / 2;
    else {
      if (index >= INDEX_COUNT) throw new Error(`has no time for index ${index}`);
      if (rest > 0) visit(index, rest / 2);
      index++;
    }
  }
}

/**
 * The histogram behind a base64 text, in the units and the precision it was written with.
 * @throws {Error} when the text is cut short, damaged or not a V2 histogram
 */
export function decodeHistogram(text: string): Float64Histogram {
  innerOf(outerOf(text));
  const histogram = decodeFromCompressedBase64(text, 64, false);
  assert(histogram instanceof Float64Histogram, 'decoding to 64 bits gives a Float64Histogram');
  return histogram;
}

/** The bytes behind base64, valid until the next call. */
function outerOf(text: string): Buffer {
  // Four characters are three bytes at most.
  if (text.length > OUTER_SCRATCH.length) return Buffer.from(text, 'base64');
  return OUTER_SCRATCH.subarray(0, OUTER_SCRATCH.write(text, 'base64'));
}

/** The inflated part, of which every length was checked. */
function innerOf(outer: Buffer): Buffer {
  requireCookie(outer, COMPRESSED_COOKIE_BASE, OUTER_HEADER_BYTES);
  const end = OUTER_HEADER_BYTES + outer.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  if (end > outer.length) throw new Error(`needs ${end} bytes, has ${outer.length}`);
  const deflated = outer.subarray(OUTER_HEADER_BYTES, end);
  const inner = inflateSync(deflated, { maxOutputLength: INFLATED_BYTES_MAX, chunkSize: CHUNK_BYTES });
  requireCookie(inner, INNER_COOKIE_BASE, INNER_HEADER_BYTES);
  const payloadEnd = INNER_HEADER_BYTES + inner.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  if (payloadEnd > inner.length) throw new Error(`needs ${payloadEnd} inflated bytes, has ${inner.length}`);
  return inner;
}

function requireCookie(bytes: Buffer, cookieBase: number, headerBytes: number): void {
  if (bytes.length < headerBytes) throw new Error(`needs ${headerBytes} bytes, has ${bytes.length}`);
  const cookie = bytes.readInt32BE(0);
  if ((cookie & ~COOKIE_WORD_SIZE_BITS) !== cookieBase) {
    throw new Error(`starts with 0x${(cookie >>> 0).toString(16)} instead of a V2 cookie`);
  }
}
