import { ChunkCursor } from './chunk-cursor.ts';
import type { DecoderResult } from './frame-decoder.ts';

/** A byte stream without frames: each chunk counts as one, and none is ever unfinished. */
export class StreamDecoder extends ChunkCursor {
  readonly midFrame: boolean = false;
  readonly frameBytesSoFar: number = 0;

  /** What comes next in the chunk. */
  next(): DecoderResult {
    if (this.position === this.limit) return 'starved';
    this.start = this.position;
    this.end = this.limit;
    this.last = true;
    this.position = this.limit;
    return 'piece';
  }
}
