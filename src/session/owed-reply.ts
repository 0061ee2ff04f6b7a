import { isU32be, LENGTH_FIELD_BYTES, readLength, type LengthField } from '../framing/length-field.ts';
import { ByteView } from '../framing/byte-view.ts';
import type { FrameFormat, LengthFrameFormat } from '../framing/frame-format.ts';
import type { Stamp } from '../framing/stamp.ts';
import type { InFlight } from './in-flight.ts';
import type { ReplyRules } from './reply-check.ts';

/** The connection whose reply is looked for. */
export interface OwedClient {
  readonly connection: number;
  readonly inFlight: InFlight;
}

/**
 * Knows the reply that nearly every chunk of an echo is: the frame that waits longest, whole, and byte for byte as it
 * was sent. It is recognised by comparison alone, which costs a third of following the stream; whatever else came is a
 * reader's (frame-reader.ts), which would judge this one `matched` as well.
 */
export class OwedReply {
  readonly #rules: ReplyRules;
  readonly #field: LengthField;
  /** For the usual field, u32be, which is read by one instruction; null for any other. */
  readonly #u32be: ByteView | null;
  readonly #lengthOffset: number;
  readonly #headerBytes: number;
  readonly #uncounted: number;
  /** Filled anew for every reply. */
  readonly #stamp: Stamp = { connection: 0, sequence: 0, timeUs: 0 };

  private constructor(
    rules: ReplyRules,
    format: LengthFrameFormat & { width: keyof typeof LENGTH_FIELD_BYTES },
  ) {
    this.#rules = rules;
    this.#field = { bytes: LENGTH_FIELD_BYTES[format.width], littleEndian: format.littleEndian };
    this.#u32be = isU32be(this.#field) ? new ByteView() : null;
    this.#lengthOffset = format.lengthOffset;
    this.#headerBytes = format.headerBytes;
    this.#uncounted = format.countsHeader ? format.headerBytes : 0;
  }

  /**
   * Null where replies are not known before they come, or their frames have no header of a fixed size.
   * @param maxPayloadBytes a reply with a larger payload is refused, though it be the one that is owed
   */
  static of(rules: ReplyRules, format: FrameFormat, maxPayloadBytes: number): OwedReply | null {
    const known = rules.verifyEcho && rules.mode !== 'none' && rules.payload.maxBytes <= maxPayloadBytes;
    if (!known || format.kind !== 'length') return null;
    const { width } = format;
    return width === 'varint' ? null : new OwedReply(rules, { ...format, width });
  }

  /** Where that reply ends, if it begins at `bytes[start]` and has come whole by `end`; NOT_OWED otherwise. */
  endOf({ inFlight, connection }: OwedClient, bytes: Uint8Array, start: number, end: number): number {
    const { oldest } = inFlight;
    if (inFlight.size === 0 || oldest === inFlight.heartbeat || oldest < inFlight.highestMatched)
      return NOT_OWED;
    const payloadBytes = inFlight.payloadBytes(oldest);
    const payloadAt = start + this.#headerBytes;
    const replyEnd = payloadAt + payloadBytes;
    if (replyEnd > end || this.#readLength(bytes, start) !== payloadBytes + this.#uncounted) return NOT_OWED;
    const { stamp, stampBytes, payload, firstConnection } = this.#rules;
    if (stamp !== null) {
      this.#stamp.connection = firstConnection + connection;
      this.#stamp.sequence = oldest >>> 0;
      this.#stamp.timeUs = inFlight.sentUs(oldest);
      if (!stamp.holds(bytes, payloadAt, this.#stamp)) return NOT_OWED;
    }
    return payload.matchesContent(bytes, payloadAt + stampBytes, replyEnd, stampBytes) ? replyEnd : NOT_OWED;
  }

  #readLength(bytes: Uint8Array, start: number): number {
    const at = start + this.#lengthOffset;
    return this.#u32be === null ? readLength(bytes, at, this.#field) : this.#u32be.of(bytes).getUint32(at);
  }
}

export const NOT_OWED = -1;
