import type { Chunk } from '../engine/engine.ts';
import type { FrameFormat } from '../framing/frame-format.ts';
import { hasFixedHeader, LengthHeader, type FixedHeaderFormat } from '../framing/length-header.ts';
import type { Stamp } from '../framing/stamp.ts';
import { COUNTER, type Counters } from '../measure/counters.ts';
import type { ReaderClient } from './frame-reader.ts';
import type { ReplyRules } from './reply-check.ts';
import type { ReplyTimes } from './reply-times.ts';

/**
 * Knows the replies that nearly every chunk of an echo is made of: to the frame that waits longest, whole, and byte for
 * byte as it was sent. They are recognised by comparison alone, which costs a third of following the stream; whatever
 * else came is a reader's (frame-reader.ts), which would judge these `matched` as well.
 */
export class OwedReplies {
  readonly #rules: ReplyRules;
  readonly #times: ReplyTimes;
  readonly #counters: Counters;
  readonly #header: LengthHeader;
  /** Filled anew for every reply. */
  readonly #stamp: Stamp = { connection: 0, sequence: 0, timeUs: 0 };

  private constructor({ rules, times, counters }: OwedRepliesOptions, format: FixedHeaderFormat) {
    this.#rules = rules;
    this.#times = times;
    this.#counters = counters;
    this.#header = new LengthHeader(format);
  }

  /** Null where replies are not known before they come, or their frames have no header of a fixed size. */
  static of(options: OwedRepliesOptions): OwedReplies | null {
    const { rules, frame } = options;
    // A reply that is too large is refused, though it be the one that is owed.
    const known = rules.verifyEcho && rules.mode !== 'none' && rules.payload.maxBytes <= frame.maxBytes;
    if (!known || frame.format.kind !== 'length' || !hasFixedHeader(frame.format)) return null;
    return new OwedReplies(options, frame.format);
  }

  /**
   * Takes the client's owed replies from the beginning of `chunk`, which came at `nowUs`, where it is between two frames.
   * Answers where the first byte lies that is not theirs.
   */
  take(client: ReaderClient, { bytes, start, end }: Readonly<Chunk>, nowUs: number): number {
    const { inFlight } = client;
    for (let at = start; at < end;) {
      const replyEnd = this.endOf(client, bytes, at, end);
      if (replyEnd === NOT_OWED) return at;
      const sequence = inFlight.oldest;
      this.#counters[COUNTER.framesReceived]!++;
      this.#times.matched(inFlight, sequence, nowUs);
      inFlight.highestMatched = sequence;
      inFlight.complete(sequence);
      client.completed(nowUs);
      at = replyEnd;
    }
    return end;
  }

  /** Where that reply ends, if it begins at `bytes[start]` and has come whole by `end`; NOT_OWED otherwise. */
  endOf(
    { inFlight, connection }: Pick<ReaderClient, 'inFlight' | 'connection'>,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const { oldest } = inFlight;
    if (inFlight.size === 0 || oldest === inFlight.heartbeat || oldest < inFlight.highestMatched)
      return NOT_OWED;
    const payloadBytes = inFlight.payloadBytes(oldest);
    const header = this.#header;
    const payloadAt = start + header.bytes;
    const replyEnd = payloadAt + payloadBytes;
    if (replyEnd > end || header.lengthAt(bytes, start) !== payloadBytes + header.uncounted) return NOT_OWED;
    const { stamp, stampBytes, payload, firstConnection } = this.#rules;
    if (stamp !== null) {
      this.#stamp.connection = firstConnection + connection;
      this.#stamp.sequence = oldest >>> 0;
      this.#stamp.timeUs = inFlight.sentUs(oldest);
      if (!stamp.holds(bytes, payloadAt, this.#stamp)) return NOT_OWED;
    }
    return payload.matchesContent(bytes, payloadAt + stampBytes, replyEnd, stampBytes) ? replyEnd : NOT_OWED;
  }
}

export const NOT_OWED = -1;

/** What they are known by, and where they are counted and timed. */
export interface OwedRepliesOptions {
  rules: ReplyRules;
  frame: { format: FrameFormat; maxBytes: number };
  times: ReplyTimes;
  counters: Counters;
}
