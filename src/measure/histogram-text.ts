import { deflateSync, inflateSync } from 'node:zlib';
import { Float64Histogram, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { assert } from '../base/assert.ts';

/*
 * HdrHistogram's V2 compressed encoding as base64, the last field of an .hlog line.
 *
 *   outer: cookie (4), length of the deflated part (4), the deflated part
 *   inner: cookie (4), payload length (4), normalizing index offset (4), significant digits (4),
 *          lowest value (8), highest value (8), conversion ratio as a double (8), payload
 *
 * The library writes offset 1 and an integer 1 for the ratio, which the C reader takes for 5e-324 and a shifted
 * array: its mean is then wrong. Both fields are put right after the library has encoded. Reading checks the
 * lengths first, because the library trusts them.
 * Source: HdrHistogram, AbstractHistogram.java, encodeIntoCompressedByteBuffer and encodeIntoByteBuffer.
 */

const COMPRESSED_COOKIE_BASE = 0x1c849304;
const INNER_COOKIE_BASE = 0x1c849303;
/** The bits of a cookie that hold the word size. */
const COOKIE_WORD_SIZE_BITS = 0xf0;
const OUTER_HEADER_BYTES = 8;
const INNER_HEADER_BYTES = 40;
const PAYLOAD_LENGTH_OFFSET = 4;
const NORMALIZING_INDEX_OFFSET = 8;
const CONVERSION_RATIO_OFFSET = 32;

/** Largest inflated histogram that is read; five digits over the whole range of 63 bits need less. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/** Speed over size: this encoding is thrown away after its header was put right. */
const FIRST_PASS_COMPRESSION = 1;

/** `histogram` as base64 that the Java and C readers understand. */
export function encodeHistogram(histogram: Float64Histogram): string {
  const outer = Buffer.from(encodeIntoCompressedBase64(histogram, FIRST_PASS_COMPRESSION), 'base64');
  const inner = inflateSync(outer.subarray(OUTER_HEADER_BYTES));
  inner.writeInt32BE(0, NORMALIZING_INDEX_OFFSET);
  inner.writeDoubleBE(1, CONVERSION_RATIO_OFFSET);
  const deflated = deflateSync(inner);
  const header = Buffer.from(outer.subarray(0, OUTER_HEADER_BYTES));
  header.writeInt32BE(deflated.length, PAYLOAD_LENGTH_OFFSET);
  return Buffer.concat([header, deflated]).toString('base64');
}

/**
 * The histogram behind a base64 text, in the units and the precision it was written with.
 * @throws {Error} when the text is cut short, damaged or not a V2 histogram
 */
export function decodeHistogram(text: string): Float64Histogram {
  requireWhole(Buffer.from(text, 'base64'));
  const histogram = decodeFromCompressedBase64(text, 64, false);
  assert(histogram instanceof Float64Histogram, 'decoding to 64 bits gives a Float64Histogram');
  return histogram;
}

function requireWhole(outer: Buffer): void {
  requireCookie(outer, COMPRESSED_COOKIE_BASE, OUTER_HEADER_BYTES);
  const end = OUTER_HEADER_BYTES + outer.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  if (end > outer.length) throw new Error(`needs ${end} bytes, has ${outer.length}`);
  const deflated = outer.subarray(OUTER_HEADER_BYTES, end);
  const inner = inflateSync(deflated, { maxOutputLength: INFLATED_BYTES_MAX });
  requireCookie(inner, INNER_COOKIE_BASE, INNER_HEADER_BYTES);
  const payloadEnd = INNER_HEADER_BYTES + inner.readInt32BE(PAYLOAD_LENGTH_OFFSET);
  if (payloadEnd > inner.length) throw new Error(`needs ${payloadEnd} inflated bytes, has ${inner.length}`);
}

function requireCookie(bytes: Buffer, cookieBase: number, headerBytes: number): void {
  if (bytes.length < headerBytes) throw new Error(`needs ${headerBytes} bytes, has ${bytes.length}`);
  const cookie = bytes.readInt32BE(0);
  if ((cookie & ~COOKIE_WORD_SIZE_BITS) !== cookieBase) {
    throw new Error(`starts with 0x${(cookie >>> 0).toString(16)} instead of a V2 cookie`);
  }
}
