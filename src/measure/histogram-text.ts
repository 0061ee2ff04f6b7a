import { deflateSync, inflateSync } from 'node:zlib';
import { Float64Histogram, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';
import type { CompactCounts } from './compact-counts.ts';
import { INDEX_COUNT, middleOfIndexUs, RECORDED_US_MAX, rangeOfIndexUs } from './time-index.ts';

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

/** A window and tables of the size of such a payload: the same length in half the time of the defaults. */
const DEFLATE = { level: 6, windowBits: 12, memLevel: 5 };

/** For what is deflated: half a megabyte a second of garbage otherwise. */
const SCRATCH = Buffer.allocUnsafe(INNER_HEADER_BYTES + INDEX_COUNT * NUMBER_BYTES);

/** Largest inflated histogram that is read; five digits over the whole range of 63 bits need less. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The counts of a histogram of microsecond-counts.ts as base64 that the Java and C readers understand.
 * @param end the index after the last that has a count
 * @param highest the largest value that the histogram has an index for
 */
export function encodeCounts(counts: Float64Array, end: number, highest: number): string {
  const bytesMax = INNER_HEADER_BYTES + end * NUMBER_BYTES;
  const inner = bytesMax > SCRATCH.length ? Buffer.allocUnsafe(bytesMax) : SCRATCH;
  const length = writePayload(inner, counts, end);
  inner.writeInt32BE(INNER_COOKIE_BASE | COOKIE_WORD_SIZE, 0);
  inner.writeInt32BE(length - INNER_HEADER_BYTES, PAYLOAD_LENGTH_OFFSET);
  inner.writeInt32BE(0, PAYLOAD_LENGTH_OFFSET + 4);
  inner.writeInt32BE(SIGNIFICANT_DIGITS, DIGITS_OFFSET);
  inner.writeBigInt64BE(1n, LOWEST_OFFSET);
  inner.writeBigInt64BE(BigInt(highest), HIGHEST_OFFSET);
  inner.writeDoubleBE(1, CONVERSION_RATIO_OFFSET);
  const deflated = deflateSync(inner.subarray(0, length), DEFLATE);
  const header = Buffer.allocUnsafe(OUTER_HEADER_BYTES);
  header.writeInt32BE(COMPRESSED_COOKIE_BASE | COOKIE_WORD_SIZE, 0);
  header.writeInt32BE(deflated.length, PAYLOAD_LENGTH_OFFSET);
  return Buffer.concat([header, deflated]).toString('base64');
}

/** Returns where the payload ends. */
function writePayload(into: Buffer, counts: Float64Array, end: number): number {
  let at = INNER_HEADER_BYTES;
  for (let index = 0; index < end;) {
    let number = counts[index++]!;
    if (number === 0) {
      let zeros = 1;
      while (index < end && counts[index] === 0) {
        zeros++;
        index++;
      }
      if (zeros > 1) number = -zeros;
    }
    let rest = number < 0 ? -2 * number - 1 : 2 * number;
    while (rest >= 128) {
      into[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    into[at++] = rest;
  }
  return at;
}

/**
 * The values behind a base64 text that was written in the layout of microsecond-counts.ts; null where it has another,
 * which `decodeHistogram` reads. Min and max are the bounds of their indices, and the sum is that of the middles.
 * @throws {Error} when the text is cut short, damaged or not a V2 histogram
 */
export function decodeCounts(text: string): CompactCounts | null {
  const inner = innerOf(Buffer.from(text, 'base64'));
  const isOwn =
    inner.readInt32BE(DIGITS_OFFSET) === SIGNIFICANT_DIGITS &&
    inner.readBigInt64BE(LOWEST_OFFSET) === 1n &&
    inner.readBigInt64BE(HIGHEST_OFFSET) === BigInt(RECORDED_US_MAX) &&
    inner.readInt32BE(PAYLOAD_LENGTH_OFFSET + 4) === 0;
  return isOwn ? readPayload(inner) : null;
}

function readPayload(inner: Buffer): CompactCounts {
  const end = INNER_HEADER_BYTES + inner.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  const indices: number[] = [];
  const counts: number[] = [];
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
      if (rest > 0) {
        indices.push(index);
        counts.push(rest / 2);
      }
      index++;
    }
  }
  return withTotals(indices, counts);
}

function withTotals(indices: number[], counts: number[]): CompactCounts {
  let [count, sumUs] = [0, 0];
  for (let i = 0; i < indices.length; i++) {
    count += counts[i]!;
    sumUs += counts[i]! * middleOfIndexUs(indices[i]!);
  }
  const [first, last] = [indices[0], indices.at(-1)];
  const minUs = first === undefined ? Infinity : rangeOfIndexUs(first).lowest;
  const maxUs = last === undefined ? 0 : rangeOfIndexUs(last).highest;
  return {
    indices: Uint32Array.from(indices),
    counts: Float64Array.from(counts),
    count,
    sumUs,
    minUs,
    maxUs,
  };
}

/**
 * The histogram behind a base64 text, in the units and the precision it was written with.
 * @throws {Error} when the text is cut short, damaged or not a V2 histogram
 */
export function decodeHistogram(text: string): Float64Histogram {
  innerOf(Buffer.from(text, 'base64'));
  const histogram = decodeFromCompressedBase64(text, 64, false);
  assert(histogram instanceof Float64Histogram, 'decoding to 64 bits gives a Float64Histogram');
  return histogram;
}

/** The inflated part, of which every length was checked. */
function innerOf(outer: Buffer): Buffer {
  requireCookie(outer, COMPRESSED_COOKIE_BASE, OUTER_HEADER_BYTES);
  const end = OUTER_HEADER_BYTES + outer.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  if (end > outer.length) throw new Error(`needs ${end} bytes, has ${outer.length}`);
  const deflated = outer.subarray(OUTER_HEADER_BYTES, end);
  const inner = inflateSync(deflated, { maxOutputLength: INFLATED_BYTES_MAX });
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
