import { createDecoder } from '../../framing/decoder.ts';
import type { FrameDecoder } from '../../framing/frame-decoder.ts';
import type { FrameFormat } from '../../framing/frame-format.ts';
import type { Reply } from './reply.ts';

/** How far a chunk could be followed. */
export type CutResult = 'ok' | 'oversize' | 'malformed';

/**
 * Cuts a stream into frames as they stand on the wire, header and delimiter included, so that faults can hold, drop
 * and change whole ones. The decoder finds the ends; where it says that a payload ends, the frame ends there too, or a
 * delimiter later. A byte stream (`none`) is cut into the chunks it comes in.
 */
export class FrameCutter {
  readonly #format: FrameFormat;
  readonly #decoder: FrameDecoder;
  /** The unfinished frame's bytes of earlier chunks. */
  #parts: Buffer[] = [];
  #partBytes: number = 0;

  constructor(format: FrameFormat, maxPayloadBytes: number) {
    this.#format = format;
    this.#decoder = createDecoder(format, maxPayloadBytes);
  }

  /** Hands every frame that ends in `chunk` to `take`; the chunk is kept, not copied. */
  cut(chunk: Buffer, take: (frame: Reply) => void): CutResult {
    const decoder = this.#decoder;
    let from = 0;
    decoder.feed(chunk, 0, chunk.length);
    for (;;) {
      const result = decoder.next();
      if (result === 'starved') break;
      if (result !== 'piece') return result;
      if (!decoder.last) continue;
      const payloadBytes = decoder.offset + decoder.end - decoder.start;
      const end = this.#frameEnd(from, payloadBytes);
      take(this.#frame(chunk.subarray(from, end), payloadBytes));
      from = end;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return 'ok';
  }

  /** Where in its chunk the frame ends that began at `from` of it, or in an earlier one. */
  #frameEnd(from: number, payloadBytes: number): number {
    if (this.#format.kind !== 'delimiter') return this.#decoder.end;
    return from + payloadBytes + this.#format.delimiter.length - this.#partBytes;
  }

  #frame(rest: Buffer, payloadBytes: number): Reply {
    const bytes = this.#parts.length === 0 ? rest : Buffer.concat([...this.#parts, rest]);
    this.#parts = [];
    this.#partBytes = 0;
    const payloadStart = this.#format.kind === 'delimiter' ? 0 : bytes.length - payloadBytes;
    return { bytes, payloadStart, payloadBytes, frames: this.#format.kind === 'none' ? 0 : 1 };
  }

  #keep(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
  }
}
