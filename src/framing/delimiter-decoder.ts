import { assert } from '../base/assert.ts';
import { ChunkCursor } from './chunk-cursor.ts';
import type { DecoderResult } from './frame-decoder.ts';
import { DELIMITER_BYTES_MAX } from './limits.ts';

/**
 * Frames that end with a delimiter, which is not payload.
 *
 * The problem: a chunk may end within what looks like the delimiter. Whether those bytes are payload is known only
 * later, when their chunk is gone. The method: no byte is kept, only `carried`, the length of the longest end of the
 * stream that is a beginning of the delimiter; the bytes themselves are the delimiter's own, and where they turn out
 * to be payload they are delivered from a constant copy of it. For example, with the delimiter \r\n the chunks
 * "a\r" and "\r\n" give "a", then "\r" from the constant, which is the last piece.
 *
 * Within a chunk, and across the cut, the places where the delimiter may begin are tried from left to right. At most
 * 16 bytes are compared at each, so that no table (Knuth, Morris, Pratt) is worth its upkeep.
 *
 * Invariant: 0 <= carried < delimiter length, and carried > 0 only where the stream so far ends with
 * delimiter[0, carried) and no longer end of it is a beginning of the delimiter.
 */
export class DelimiterDecoder extends ChunkCursor {
  readonly #delimiter: Uint8Array;
  readonly #maxPayloadBytes: number;
  #carried: number = 0;
  /** Payload bytes of the current frame that were delivered. */
  #payloadSeen: number = 0;

  constructor(delimiter: Uint8Array, maxPayloadBytes: number) {
    super();
    assert(delimiter.length >= 1 && delimiter.length <= DELIMITER_BYTES_MAX, 'a delimiter has 1 to 16 bytes');
    this.#delimiter = Uint8Array.from(delimiter);
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  get midFrame(): boolean {
    return this.frameBytesSoFar > 0;
  }

  get frameBytesSoFar(): number {
    return this.#payloadSeen + this.#carried;
  }

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.position === this.limit) return this.fault ?? 'starved';
    return this.#carried > 0 ? this.#resolveCarried() : this.#scan();
  }

  /** Looks for the delimiter from `position` on, where nothing is carried. */
  #scan(): DecoderResult {
    const chunk = this.chunk;
    const limit = this.limit;
    const from = this.position;
    const first = this.#delimiter[0] ?? 0;
    for (let at = from; at < limit; at++) {
      if (chunk[at] !== first) continue;
      const matched = this.#matchAt(at);
      if (matched === this.#delimiter.length) return this.#endFrame(from, at);
      if (at + matched === limit) return this.#endChunk(from, at);
    }
    return this.#endChunk(from, limit);
  }

  /** How many bytes from `chunk[at]` on agree with the delimiter. */
  #matchAt(at: number): number {
    const room = Math.min(this.#delimiter.length, this.limit - at);
    let matched = 1;
    while (matched < room && this.chunk[at + matched] === this.#delimiter[matched]) matched += 1;
    return matched;
  }

  /** `chunk[from, at)` is the end of the payload, and the delimiter follows. */
  #endFrame(from: number, at: number): DecoderResult {
    this.position = at + this.#delimiter.length;
    this.bytes = this.chunk;
    return this.#deliver(from, at, true);
  }

  /** `chunk[from, at)` is payload, and the rest of the chunk a beginning of the delimiter or nothing. */
  #endChunk(from: number, at: number): DecoderResult {
    this.#carried = this.limit - at;
    this.position = this.limit;
    if (from === at) return 'starved';
    this.bytes = this.chunk;
    return this.#deliver(from, at, false);
  }

  /**
   * Finds out with the help of this chunk what the carried bytes are: tries each of them as the delimiter's first.
   * Those before the place that holds, or all when none does, are payload.
   */
  #resolveCarried(): DecoderResult {
    const carried = this.#carried;
    const available = carried + this.limit - this.position;
    this.bytes = this.#delimiter;
    for (let at = 0; at < carried; at++) {
      const matched = this.#matchCarried(at);
      if (matched === this.#delimiter.length) {
        this.#carried = 0;
        this.position += at + matched - carried;
        return this.#deliver(0, at, true);
      }
      if (at + matched === available) {
        this.#carried = matched;
        this.position = this.limit;
        return at === 0 ? 'starved' : this.#deliver(0, at, false);
      }
    }
    this.#carried = 0;
    return this.#deliver(0, carried, false);
  }

  /** How many bytes agree with the delimiter from the carried byte `at` on, through the chunk that follows. */
  #matchCarried(at: number): number {
    const delimiter = this.#delimiter;
    const carried = this.#carried;
    const room = Math.min(delimiter.length, carried - at + this.limit - this.position);
    let matched = 0;
    while (matched < room) {
      const from = at + matched;
      const byte = from < carried ? delimiter[from] : this.chunk[this.position + from - carried];
      if (byte !== delimiter[matched]) break;
      matched += 1;
    }
    return matched;
  }

  #deliver(start: number, end: number, last: boolean): DecoderResult {
    const payloadBytes = this.#payloadSeen + end - start;
    if (payloadBytes > this.#maxPayloadBytes) {
      this.#payloadSeen = payloadBytes + (last ? this.#delimiter.length : 0);
      return this.fail('oversize');
    }
    this.start = start;
    this.end = end;
    this.offset = this.#payloadSeen;
    this.last = last;
    this.#payloadSeen = last ? 0 : payloadBytes;
    return 'piece';
  }
}
