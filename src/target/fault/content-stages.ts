import { createEncoder } from '../../framing/encoder.ts';
import { lengthMax, type FrameFormat, type LengthFrameFormat } from '../../framing/frame-format.ts';
import { LENGTH_FIELD_BYTES, writeLength } from '../../framing/length-field.ts';
import { present } from '../../base/assert.ts';
import type { FaultBook } from './fault-book.ts';
import { ReplyStage, type Ending, type Reply, type ReplySink } from './reply.ts';
import type { FrameShare } from './share-rule.ts';

/** Which frames a fault takes, and where it is booked. */
export interface ContentFault {
  share: FrameShare;
  book: FaultBook;
}

/** Swallows every reply. */
export class DropStage extends ReplyStage {
  readonly #book: FaultBook;

  constructor(next: ReplySink, book: FaultBook) {
    super(next);
    this.#book = book;
  }

  override reply(reply: Reply): void {
    this.#book.add('framesUnanswered', reply.frames);
  }
}

/** Flips a bit of the last payload byte: behind a stamp where the payload is longer than one. */
export class CorruptStage extends ReplyStage {
  readonly #fault: ContentFault;
  /** Bytes that a payload must not gain, or its frame would end elsewhere. */
  readonly #forbidden: Uint8Array;

  constructor(next: ReplySink, format: FrameFormat, fault: ContentFault) {
    super(next);
    this.#fault = fault;
    this.#forbidden = format.kind === 'delimiter' ? format.delimiter : new Uint8Array(0);
  }

  override reply(reply: Reply): void {
    if (reply.payloadBytes === 0 || !this.#fault.share.take()) return this.next.reply(reply);
    const bytes = Buffer.from(reply.bytes);
    const at = reply.payloadStart + reply.payloadBytes - 1;
    bytes[at] = this.#flipped(bytes[at] ?? 0);
    this.#fault.book.add('framesCorrupted');
    this.next.reply({ ...reply, bytes });
  }

  /** A delimiter has 16 bytes at most, so that more than one bit may have to be tried, but never all values. */
  #flipped(byte: number): number {
    for (let mask = 1; mask < 256; mask++) {
      if (!this.#forbidden.includes(byte ^ mask)) return byte ^ mask;
    }
    return byte;
  }
}

/** Sends a reply twice. */
export class DuplicateStage extends ReplyStage {
  readonly #fault: ContentFault;

  constructor(next: ReplySink, fault: ContentFault) {
    super(next);
    this.#fault = fault;
  }

  override reply(reply: Reply): void {
    this.next.reply(reply);
    if (!this.#fault.share.take()) return;
    this.#fault.book.add('framesDuplicated');
    this.next.reply(reply);
  }
}

/** Sends an empty frame in place of a reply. */
export class EmptyStage extends ReplyStage {
  readonly #fault: ContentFault;
  readonly #empty: Reply;

  constructor(next: ReplySink, format: FrameFormat, fault: ContentFault) {
    super(next);
    this.#fault = fault;
    this.#empty = frameOf(format, new Uint8Array(0));
  }

  override reply(reply: Reply): void {
    if (!this.#fault.share.take()) return this.next.reply(reply);
    this.#fault.book.add('framesEmptied');
    this.next.reply(this.#empty);
  }
}

/** After some whole replies, announces a frame of the largest length that there is, and falls silent. */
export class OversizeStage extends ReplyStage {
  readonly #header: Buffer;
  readonly #book: FaultBook;
  #framesLeft: number;

  constructor(next: ReplySink, format: LengthFrameFormat, fault: { frames: number; book: FaultBook }) {
    super(next);
    this.#header = oversizeHeader(format);
    this.#book = fault.book;
    this.#framesLeft = fault.frames;
  }

  override reply(reply: Reply): void {
    this.#framesLeft--;
    if (this.#framesLeft >= 0) return this.next.reply(reply);
    if (this.#framesLeft < -1) return;
    this.#book.add('framesOversized');
    this.next.reply({ bytes: this.#header, payloadStart: this.#header.length, payloadBytes: 0, frames: 0 });
  }
}

/** After some whole replies, sends the first half of the next and ends the connection. */
export class MidFrameStage extends ReplyStage {
  readonly #ending: Ending;
  #framesLeft: number;
  #ended: boolean = false;

  constructor(next: ReplySink, frames: number, ending: Ending) {
    super(next);
    this.#framesLeft = frames;
    this.#ending = ending;
  }

  override reply(reply: Reply): void {
    if (this.#ended) return;
    const half = reply.bytes.length >> 1;
    if (this.#framesLeft > 0 || half === 0) {
      this.#framesLeft--;
      return this.next.reply(reply);
    }
    this.#ended = true;
    this.next.reply({ ...reply, bytes: reply.bytes.subarray(0, half), frames: 0 });
    this.next.end(this.#ending);
  }
}

/** A whole frame around `payload`. */
export function frameOf(format: FrameFormat, payload: Uint8Array): Reply {
  const encoder = createEncoder(format, null);
  const bytes = Buffer.alloc(encoder.frameBytes(payload.length));
  const payloadStart = encoder.payloadStart(payload.length);
  bytes.set(payload, payloadStart);
  encoder.encodeAround(bytes, 0, payload.length);
  return { bytes, payloadStart, payloadBytes: payload.length, frames: 1 };
}

function oversizeHeader(format: LengthFrameFormat): Buffer {
  const length = lengthMax(format);
  if (format.width === 'varint') return varintHeader(format, length);
  const header = Buffer.alloc(format.headerBytes);
  const field = { bytes: LENGTH_FIELD_BYTES[format.width], littleEndian: format.littleEndian };
  writeLength(header, format.lengthOffset, length, field);
  return header;
}

/** LEB128 by arithmetic, since the encoder refuses what no payload may be. */
function varintHeader(format: LengthFrameFormat, length: number): Buffer {
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 0x80);
  digits.push(present(digits.pop(), 'the last digit') & 0x7f);
  const header = Buffer.alloc(format.headerBytes || format.lengthOffset + digits.length);
  header.set(digits, format.lengthOffset);
  return header;
}
