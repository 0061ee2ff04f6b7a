import type { PayloadSource } from '../framing/payload.ts';
import type { StampCodec } from '../framing/stamp.ts';
import type { InFlight } from './in-flight.ts';

/**
 * What a received frame is to the frames that were sent.
 * `reordered` is a match whose turn had passed: a frame sent after it was answered before it (RFC 4737, section 3).
 */
export type ReplyKind = 'matched' | 'reordered' | 'duplicate' | 'corrupt' | 'unsolicited' | 'one-way';

export interface ReplyRules {
  mode: 'fifo' | 'id' | 'none';
  verifyEcho: boolean;
  /** Size of the stamp; 0 where payloads carry none. */
  stampBytes: number;
  stamp: StampCodec | null;
  payload: PayloadSource;
  /** What stamps add to a connection's number among its cohort's. */
  firstConnection: number;
}

/**
 * Tells, piece by piece, which sent frame a reply belongs to and whether it holds that frame's bytes. No payload is
 * kept: content is compared as it passes, and only a stamp that is cut by a chunk's end is gathered.
 *
 * With `fifo` a reply belongs to the oldest frame in flight, unless a readable stamp says otherwise; with `id` only
 * the stamp counts. A reply that claims a frame but differs from it is corrupt and still ends that frame's wait.
 */
export class ReplyCheck {
  readonly #rules: ReplyRules;
  #inFlight: InFlight;
  #connection: number;
  /** Where a cut stamp is gathered; made at the first cut. */
  #gathered: Buffer | null = null;
  #contentIntact: boolean = true;
  #stampRead: boolean = false;
  #stampSequence: number = 0;
  #stampTimeUs: number = 0;
  /** The sent frame that the last finished reply belongs to, or NO_FRAME. */
  sequence: number = NO_FRAME;

  constructor(rules: ReplyRules, inFlight: InFlight, connection: number) {
    this.#rules = rules;
    this.#inFlight = inFlight;
    this.#connection = connection;
  }

  /** Turns to another connection; only between two replies. */
  bind(inFlight: InFlight, connection: number): void {
    this.#inFlight = inFlight;
    this.#connection = connection;
  }

  /** Looks at payload bytes `bytes[start, end)`, which stand at `offset` of the reply. */
  piece(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (offset === 0) {
      this.#contentIntact = true;
      this.#stampRead = false;
    }
    const { mode, verifyEcho, stampBytes, payload } = this.#rules;
    if (!verifyEcho && mode !== 'id') return;
    const contentStart = Math.min(end, start + Math.max(0, stampBytes - offset));
    if (contentStart > start) this.#readStamp(bytes, start, contentStart, offset);
    if (!verifyEcho || !this.#contentIntact || contentStart === end) return;
    const contentOffset = offset + contentStart - start;
    this.#contentIntact = payload.matchesContent(bytes, contentStart, end, contentOffset);
  }

  /** Judges the reply whose last piece has passed and which had `payloadBytes` in all. Sets `sequence`. */
  finish(payloadBytes: number): ReplyKind {
    const { mode, verifyEcho } = this.#rules;
    this.sequence = NO_FRAME;
    if (mode === 'none') return 'one-way';
    if (this.#stampRead) return this.#judgeStamped(payloadBytes);
    if (mode === 'id' || this.#inFlight.size === 0) return 'unsolicited';
    this.sequence = this.#inFlight.oldest;
    if (!verifyEcho) return this.#matched();
    const stampMissing = this.#rules.stampBytes > 0;
    return stampMissing || !this.#sameContent(payloadBytes) ? 'corrupt' : this.#matched();
  }

  #judgeStamped(payloadBytes: number): ReplyKind {
    const sequence = this.#stampSequence;
    if (sequence < 0 || sequence >= this.#inFlight.next) return 'unsolicited';
    if (!this.#inFlight.has(sequence)) return 'duplicate';
    this.sequence = sequence;
    if (!this.#rules.verifyEcho) return this.#matched();
    const sameTime = this.#stampTimeUs === Math.floor(this.#inFlight.sentUs(sequence));
    return sameTime && this.#sameContent(payloadBytes) ? this.#matched() : 'corrupt';
  }

  #sameContent(payloadBytes: number): boolean {
    return this.#contentIntact && payloadBytes === this.#inFlight.payloadBytes(this.sequence);
  }

  #matched(): ReplyKind {
    if (this.sequence < this.#inFlight.highestMatched) return 'reordered';
    this.#inFlight.highestMatched = this.sequence;
    return 'matched';
  }

  #readStamp(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { stampBytes } = this.#rules;
    if (offset === 0 && end - start === stampBytes) return this.#takeStamp(bytes, start);
    this.#gathered ??= Buffer.alloc(stampBytes);
    for (let i = start; i < end; i++) this.#gathered[offset + i - start] = bytes[i] as number;
    if (offset + end - start === stampBytes) this.#takeStamp(this.#gathered, 0);
  }

  /** A stamp of another connection's frame is as good as none: this connection never sent it. */
  #takeStamp(bytes: Uint8Array, at: number): void {
    const stamp = this.#rules.stamp as StampCodec;
    const stampedAs = this.#rules.firstConnection + this.#connection;
    this.#stampRead = stamp.read(bytes, at) && stamp.connection === stampedAs;
    if (!this.#stampRead) return;
    this.#stampSequence = this.#inFlight.fromUint32(stamp.sequence);
    this.#stampTimeUs = stamp.timeUs;
  }
}

export const NO_FRAME = -1;
