import { assert } from '../base/assert.ts';
import { FrameFormatError, formatFrameFormat, headerRestBytes, lengthMax } from './frame-format.ts';
import type { FrameFormat, LengthFrameFormat } from './frame-format.ts';
import { hasFixedHeader, LengthHeader, type FixedHeaderFormat } from './length-header.ts';
import { PAYLOAD_BYTES_MAX, VARINT_BYTES_MAX } from './limits.ts';

/** Writes what surrounds a payload on the wire; one serves every connection of a format. */
export interface FrameEncoder {
  /** Bytes of the whole frame on the wire. */
  frameBytes(payloadBytes: number): number;
  /** Where in its frame the payload begins. */
  payloadStart(payloadBytes: number): number;
  /**
   * Writes the header before and the delimiter after the payload that lies, or will lie, at
   * `at + payloadStart(payloadBytes)` of `out`. The frame begins at `at`.
   * @returns where the frame ends: the `at` of the next one
   */
  encodeAround(out: Buffer, at: number, payloadBytes: number): number;
}

/**
 * An encoder for `format`.
 * @param header the bytes of a longer header that are not its length field, those before it and then those after it;
 *   null: zeros
 * @throws {FrameFormatError} when the header has not the size that the format leaves for it
 */
export function createEncoder(format: FrameFormat, header: Uint8Array | null): FrameEncoder {
  const rest = header ?? new Uint8Array(headerRestBytes(format));
  if (rest.length !== headerRestBytes(format)) {
    throw new FrameFormatError(
      formatFrameFormat(format),
      `the header text must have ${headerRestBytes(format)} bytes (all of the header but its length), it has ${rest.length}`,
    );
  }
  switch (format.kind) {
    case 'length':
      return hasFixedHeader(format) ? new LengthPrefixEncoder(format, rest) : new VarintEncoder(format, rest);
    case 'delimiter':
      return new TrailerEncoder(format.delimiter);
    case 'fixed':
    case 'none':
      return new TrailerEncoder(new Uint8Array(0));
    default:
      throw format satisfies never;
  }
}

/**
 * The largest payload that a frame of `format` can carry: what its length field can tell, less the header where it
 * is counted, and never more than PAYLOAD_BYTES_MAX.
 */
export function maxPayloadBytes(format: FrameFormat): number {
  if (format.kind === 'fixed') return format.payloadBytes;
  if (format.kind !== 'length') return PAYLOAD_BYTES_MAX;
  if (!format.countsHeader) return Math.min(lengthMax(format), PAYLOAD_BYTES_MAX);
  // Where a varint ends its own header, the longest it can be is taken: far beyond the limit either way.
  const headerBytes = format.headerBytes || format.lengthOffset + VARINT_BYTES_MAX;
  return Math.min(lengthMax(format) - headerBytes, PAYLOAD_BYTES_MAX);
}

/** A header of fixed size: a template is copied, then the length written into it. */
class LengthPrefixEncoder implements FrameEncoder {
  readonly #header: LengthHeader;
  readonly #template: Uint8Array;
  readonly #payloadBytesMax: number;

  constructor(format: FixedHeaderFormat, rest: Uint8Array) {
    this.#header = new LengthHeader(format);
    this.#payloadBytesMax = maxPayloadBytes(format);
    const { bytes, field, fieldAt } = this.#header;
    this.#template = new Uint8Array(bytes);
    this.#template.set(rest.subarray(0, fieldAt));
    this.#template.set(rest.subarray(fieldAt), fieldAt + field.bytes);
  }

  frameBytes(payloadBytes: number): number {
    return this.#header.bytes + payloadBytes;
  }

  payloadStart(): number {
    return this.#header.bytes;
  }

  encodeAround(out: Buffer, at: number, payloadBytes: number): number {
    assert(payloadBytes <= this.#payloadBytesMax, 'a payload fits the length field');
    const header = this.#header;
    if (header.bytes > header.field.bytes) copy(this.#template, out, at);
    header.putLength(out, at, payloadBytes + header.uncounted);
    return at + header.bytes + payloadBytes;
  }
}

/** A header that ends with a varint, or one of fixed size that has room for it. */
class VarintEncoder implements FrameEncoder {
  readonly #rest: Uint8Array;
  /** Size of the whole header, or 0: it ends with the number. */
  readonly #headerBytes: number;
  readonly #countsHeader: boolean;
  readonly #payloadBytesMax: number;

  constructor(format: LengthFrameFormat, rest: Uint8Array) {
    this.#rest = Uint8Array.from(rest);
    this.#headerBytes = format.headerBytes;
    this.#countsHeader = format.countsHeader;
    this.#payloadBytesMax = maxPayloadBytes(format);
  }

  frameBytes(payloadBytes: number): number {
    return this.payloadStart(payloadBytes) + payloadBytes;
  }

  payloadStart(payloadBytes: number): number {
    if (this.#headerBytes > 0) return this.#headerBytes;
    if (!this.#countsHeader) return this.#rest.length + varintBytes(payloadBytes);
    // The number counts its own bytes: the smallest size that holds the sum is the one.
    let fieldBytes = 1;
    while (varintBytes(this.#rest.length + fieldBytes + payloadBytes) > fieldBytes) fieldBytes += 1;
    return this.#rest.length + fieldBytes;
  }

  encodeAround(out: Buffer, at: number, payloadBytes: number): number {
    assert(payloadBytes <= this.#payloadBytesMax, 'a payload fits the length field');
    const payloadAt = at + this.payloadStart(payloadBytes);
    copy(this.#rest, out, at);
    const counted = this.#countsHeader ? payloadAt - at : 0;
    const numberEnd = writeVarint(out, at + this.#rest.length, payloadBytes + counted);
    for (let i = numberEnd; i < payloadAt; i++) out[i] = 0;
    return payloadAt + payloadBytes;
  }
}

/** No header; a delimiter, possibly none, after the payload. */
class TrailerEncoder implements FrameEncoder {
  readonly #trailer: Uint8Array;

  constructor(trailer: Uint8Array) {
    this.#trailer = Uint8Array.from(trailer);
  }

  frameBytes(payloadBytes: number): number {
    return payloadBytes + this.#trailer.length;
  }

  payloadStart(): number {
    return 0;
  }

  encodeAround(out: Buffer, at: number, payloadBytes: number): number {
    copy(this.#trailer, out, at + payloadBytes);
    return at + payloadBytes + this.#trailer.length;
  }
}

/** A loop, because a call of `set` costs more than the few bytes of a header. */
function copy(from: Uint8Array, to: Uint8Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] ?? 0;
}

/** Bytes of the shortest LEB128 form of `value`. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Writes the shortest LEB128 form of `value`; returns where it ends. */
function writeVarint(out: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest >= 128) {
    out[end] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
    end += 1;
  }
  out[end] = rest;
  return end + 1;
}
