import type { Chunk } from '../engine.ts';
import { MSG_NOSIGNAL } from './abi.ts';
import type { Libc } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';

/**
 * The buffers that all connections share, and the two calls that are made for a frame alone. The calls hold their
 * addresses: an address is larger than what V8 keeps as a small integer, so passing one that was read from a field, or
 * added up, makes an object of 16 bytes at each call.
 *
 * Calls that are made together have a piece of memory each: smaller ones behind the inbox's beginning, and further
 * places to send from.
 */
export class StreamBuffers {
  /** Where received bytes are put: the first INBOX_BYTES by `receive`, the pieces behind by calls made together. */
  readonly inbox: Buffer;
  /** Where bytes that are to be sent lie: pieces of `outboxBytes`, of which the first is for `sendFirst`. */
  readonly outbox: Buffer;
  /** So many receives and sends can be made together; 0 where a send may be too large for that. */
  readonly pieces: number;
  readonly inboxAddress: number;
  readonly outboxAddress: number;
  /** recv(2) into the inbox's beginning. */
  readonly receive: (fd: number) => number;
  /** send(2) from the outbox's beginning. */
  readonly sendFirst: (fd: number, length: number) => number;
  readonly #libc: Libc;
  readonly #outboxStride: number;
  readonly #chunk: Chunk;

  constructor(libc: Libc, outboxBytes: number) {
    const calls = outboxBytes > OUTBOX_PIECE_BYTES_MAX ? 0 : CALLS_MAX;
    this.pieces = calls;
    this.#outboxStride = strideOf(outboxBytes);
    const inbox = new NativeBuffer(libc, INBOX_BYTES + calls * strideOf(INBOX_PIECE_BYTES));
    const outbox = new NativeBuffer(libc, outboxBytes + calls * this.#outboxStride);
    const [inboxAddress, outboxAddress] = [inbox.address, outbox.address];
    this.inbox = inbox.bytes;
    this.outbox = outbox.bytes;
    this.inboxAddress = inboxAddress;
    this.outboxAddress = outboxAddress;
    this.receive = (fd) => libc.recv(fd, inboxAddress, INBOX_BYTES, 0);
    this.sendFirst = (fd, length) => libc.send(fd, outboxAddress, length, MSG_NOSIGNAL);
    this.#libc = libc;
    this.#chunk = { bytes: this.inbox, start: 0, end: 0 };
  }

  /** What was received at `start` of the inbox, for as long as nobody asks for another. */
  chunk(start: number, length: number): Readonly<Chunk> {
    this.#chunk.start = start;
    this.#chunk.end = start + length;
    return this.#chunk;
  }

  /** Where in the inbox the piece of a call begins. */
  inboxPiece(call: number): number {
    return INBOX_BYTES + call * strideOf(INBOX_PIECE_BYTES);
  }

  /** Where in the outbox the piece of a call begins. */
  outboxPiece(call: number): number {
    return call * this.#outboxStride;
  }

  /** send(2) of `outbox[start, start + length)`. */
  send(fd: number, start: number, length: number): number {
    if (start === 0) return this.sendFirst(fd, length);
    return this.#libc.send(fd, this.outboxAddress + start, length, MSG_NOSIGNAL);
  }
}

/**
 * Pieces of a round size would begin at the same places of the processor's cache and drive each other out: an odd
 * number of cache lines from one to the next spreads them.
 */
function strideOf(bytes: number): number {
  const lines = Math.ceil(bytes / LINE_BYTES);
  return (lines % 2 === 0 ? lines + 1 : lines) * LINE_BYTES;
}

const LINE_BYTES = 64;
/** One read takes at most this much. */
const INBOX_BYTES = 65_536;
/** A read that is made together with others takes at most this much. */
export const INBOX_PIECE_BYTES = 16_384;
/** Calls of a kind that are made together at most. */
export const CALLS_MAX = 32;
/** The largest send that is made together with others. */
const OUTBOX_PIECE_BYTES_MAX = 262_144;
