/**
 * What a decoder found next in the bytes that were fed to it.
 * - `piece`: payload bytes of one frame: `bytes[start, end)` at payload position `offset`; `last` tells whether the
 *   frame ends with them. A whole frame in one chunk is one piece; a zero-length frame is one empty last piece. Where
 *   a delimiter comes in a later chunk than the payload before it, the last piece is empty at a positive `offset`.
 * - `starved`: everything fed so far is used up.
 * - `oversize`, `malformed`: the stream cannot be followed any further (a length beyond the maximum; a negative,
 *   absurd or impossible one). The decoder stays in that state and ignores what is fed to it.
 */
export type DecoderResult = 'piece' | 'starved' | 'oversize' | 'malformed';

/**
 * Cuts a byte stream into frames, resumable at any cut. It keeps no payload bytes: pieces point into the chunk that
 * was fed (or, for the beginning of a delimiter that turned out to be payload, into a constant), so nothing is copied
 * or allocated per frame and a frame's size costs no memory.
 *
 * Invariant: the payload bytes of a frame are delivered in order, without gap or overlap, and every frame has exactly
 * one piece with `last`.
 *
 * @example
 * decoder.feed(chunk, 0, length);
 * for (let found = decoder.next(); found !== 'starved'; found = decoder.next()) {
 *   if (found !== 'piece') return giveUp(found);
 *   take(decoder.bytes, decoder.start, decoder.end);
 *   if (decoder.last) frames += 1;
 * }
 */
export interface FrameDecoder {
  /** Offers `bytes[start, end)`. Call only when `next()` has answered `starved`, or first. */
  feed(bytes: Uint8Array, start: number, end: number): void;
  next(): DecoderResult;

  /** The current piece; valid after `next()` answered `piece`, until the next call. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly last: boolean;

  /** True between the first byte of a frame (header included) and its last. */
  readonly midFrame: boolean;
  /**
   * Bytes of the unfinished frame that `next()` has gone through, header included; 0 between frames. Of a frame that
   * is refused as `oversize`, those that the chunk held of it.
   */
  readonly frameBytesSoFar: number;
}
