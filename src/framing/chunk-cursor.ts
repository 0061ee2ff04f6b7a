import { assert } from '../base/assert.ts';
import type { DecoderResult } from './frame-decoder.ts';

/** What a decoder holds before its first chunk. */
const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * What all decoders share: the chunk that was fed, how far it is used up, the current piece, and the end of all
 * decoding. Plain fields, because each is read or written several times a frame.
 *
 * Invariant: chunk start <= position <= limit, and `next()` answers `starved` only where position = limit.
 */
export class ChunkCursor {
  bytes: Uint8Array = NO_BYTES;
  start: number = 0;
  end: number = 0;
  offset: number = 0;
  last: boolean = false;

  protected chunk: Uint8Array = NO_BYTES;
  protected position: number = 0;
  protected limit: number = 0;
  protected fault: 'oversize' | 'malformed' | null = null;

  feed(bytes: Uint8Array, start: number, end: number): void {
    assert(this.position === this.limit, 'a decoder is fed only when it is starved');
    // A faulty stream stays where it is: nothing of a later chunk is looked at.
    if (this.fault !== null) return;
    this.chunk = bytes;
    this.bytes = bytes;
    this.position = start;
    this.limit = end;
  }

  /** Gives the stream up for good. */
  protected fail(fault: 'oversize' | 'malformed'): DecoderResult {
    this.fault = fault;
    this.position = this.limit;
    return fault;
  }
}
