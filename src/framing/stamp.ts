import { alphabetWithout } from './alphabet.ts';
import type { FrameFormat } from './frame-format.ts';
import { ByteView } from './byte-view.ts';

/** Who sent a frame and when, as carried in the first bytes of its payload. */
export interface Stamp {
  /** Number of the connection in the whole run, below 2^32. */
  connection: number;
  /** Number of the frame on its connection, below 2^32. */
  sequence: number;
  /** When it was sent, in whole microseconds (a fraction is cut off), below 2^53. */
  timeUs: number;
}

/** Writes and reads stamps in the form that a frame format has room for; it allocates nothing. */
export interface StampCodec extends Readonly<Stamp> {
  /** Bytes of a stamp. */
  readonly bytes: 16 | 32;
  /** Writes `stamp` to `out[at, at + bytes)`. */
  write(out: Uint8Array, at: number, stamp: Readonly<Stamp>): void;
  /**
   * Reads `bytes[at, at + this.bytes)` into this codec's `connection`, `sequence` and `timeUs`, where they stay until
   * the next call. False, with the fields undefined, where the bytes are none that `write` writes.
   */
  read(bytes: Uint8Array, at: number): boolean;
  /** Whether `bytes[at, at + this.bytes)` are what `write` writes of `stamp`. */
  holds(bytes: Uint8Array, at: number, stamp: Readonly<Stamp>): boolean;
}

const BINARY_BYTES = 16;
const TEXT_BYTES = 32;

/** Bytes that a stamp takes in a payload of `format`. */
export function stampBytes(format: FrameFormat): 16 | 32 {
  return format.kind === 'delimiter' ? TEXT_BYTES : BINARY_BYTES;
}

/** A codec for stamps in payloads of `format`: text that never holds the delimiter, or binary without one. */
export function createStamp(format: FrameFormat): StampCodec {
  return format.kind === 'delimiter' ? new TextStamp(format.delimiter) : new BinaryStamp();
}

/** u32 connection, u32 sequence, u64 time, all big-endian; the time as two halves, because BigInt allocates. */
class BinaryStamp implements StampCodec {
  readonly bytes = BINARY_BYTES;
  connection: number = 0;
  sequence: number = 0;
  timeUs: number = 0;

  readonly #outView: ByteView = new ByteView();
  readonly #inView: ByteView = new ByteView();

  write(out: Uint8Array, at: number, stamp: Readonly<Stamp>): void {
    const view = this.#outView.of(out);
    view.setUint32(at, stamp.connection);
    view.setUint32(at + 4, stamp.sequence);
    view.setUint32(at + 8, highHalf(stamp.timeUs));
    view.setUint32(at + 12, stamp.timeUs);
  }

  read(bytes: Uint8Array, at: number): boolean {
    const view = this.#inView.of(bytes);
    this.connection = view.getUint32(at);
    this.sequence = view.getUint32(at + 4);
    this.timeUs = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
    return true;
  }

  holds(bytes: Uint8Array, at: number, stamp: Readonly<Stamp>): boolean {
    const view = this.#inView.of(bytes);
    return (
      view.getUint32(at + 4) === stamp.sequence &&
      view.getUint32(at + 12) === stamp.timeUs >>> 0 &&
      view.getUint32(at + 8) === highHalf(stamp.timeUs) &&
      view.getUint32(at) === stamp.connection
    );
  }
}

/** What the value table holds for a byte that is no letter; every true value is below 16. */
const NO_LETTER = 0x80;

/** NO_LETTER in each of four bytes. */
const NO_LETTERS = 0x80808080 | 0;

/** The binary form with each half byte as a letter of an alphabet without the delimiter's bytes. */
class TextStamp implements StampCodec {
  readonly bytes = TEXT_BYTES;
  connection: number = 0;
  sequence: number = 0;
  timeUs: number = 0;
  /** The two letters of each byte, the first in the high byte. */
  readonly #pairs: Uint16Array = new Uint16Array(256);
  /** The value of each byte as a letter. */
  readonly #values: Uint8Array = new Uint8Array(256).fill(NO_LETTER);
  /** Gathers NO_LETTER over the bytes of a stamp, so that a read has no branch for each. */
  #seen: number = 0;

  constructor(delimiter: Uint8Array) {
    const letters = alphabetWithout(delimiter, 16);
    letters.forEach((letter, value) => (this.#values[letter] = value));
    for (let byte = 0; byte < 256; byte++) {
      this.#pairs[byte] = ((letters[byte >> 4] ?? 0) << 8) | (letters[byte & 0xf] ?? 0);
    }
  }

  write(out: Uint8Array, at: number, stamp: Readonly<Stamp>): void {
    this.#writeU32(out, at, stamp.connection);
    this.#writeU32(out, at + 8, stamp.sequence);
    this.#writeU32(out, at + 16, highHalf(stamp.timeUs));
    this.#writeU32(out, at + 24, stamp.timeUs);
  }

  read(bytes: Uint8Array, at: number): boolean {
    this.#seen = 0;
    this.connection = this.#readU32(bytes, at);
    this.sequence = this.#readU32(bytes, at + 8);
    this.timeUs = this.#readU32(bytes, at + 16) * 2 ** 32 + this.#readU32(bytes, at + 24);
    return (this.#seen & NO_LETTERS) === 0;
  }

  holds(bytes: Uint8Array, at: number, stamp: Readonly<Stamp>): boolean {
    return (
      this.read(bytes, at) &&
      this.sequence === stamp.sequence &&
      this.timeUs === Math.floor(stamp.timeUs) &&
      this.connection === stamp.connection
    );
  }

  #writeU32(out: Uint8Array, at: number, value: number): void {
    const bits = value >>> 0;
    this.#writeByte(out, at, bits >>> 24);
    this.#writeByte(out, at + 2, (bits >>> 16) & 0xff);
    this.#writeByte(out, at + 4, (bits >>> 8) & 0xff);
    this.#writeByte(out, at + 6, bits & 0xff);
  }

  #writeByte(out: Uint8Array, at: number, byte: number): void {
    const pair = this.#pairs[byte] ?? 0;
    out[at] = pair >>> 8;
    out[at + 1] = pair;
  }

  /** Half by half, because eight letters with a bit of room each do not fit into 32 bits. */
  #readU32(bytes: Uint8Array, at: number): number {
    const high = this.#readU16(bytes, at);
    const low = this.#readU16(bytes, at + 4);
    this.#seen |= high | low;
    return (packLetters(high) * 65_536 + packLetters(low)) >>> 0;
  }

  /** The values of four letters, a byte each. */
  #readU16(bytes: Uint8Array, at: number): number {
    const values = this.#values;
    return (
      ((values[bytes[at] ?? 0] ?? 0) << 24) |
      ((values[bytes[at + 1] ?? 0] ?? 0) << 16) |
      ((values[bytes[at + 2] ?? 0] ?? 0) << 8) |
      (values[bytes[at + 3] ?? 0] ?? 0)
    );
  }
}

/** 0a0b0c0d as abcd. */
function packLetters(spread: number): number {
  const pairs = spread | (spread >>> 4);
  return ((pairs >>> 8) & 0xff00) | (pairs & 0xff);
}

function highHalf(timeUs: number): number {
  return Math.floor(timeUs / 2 ** 32);
}
