import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { alphabetWithout } from './alphabet.ts';
import type { FrameFormat } from './frame-format.ts';
import { fixedSize, samplePayloadSize, type PayloadSize } from './payload-size.ts';
import type { Stamp, StampCodec } from './stamp.ts';

/** What a PayloadSource is made from; exactly one of `size` and `message` is not null. */
export interface PayloadOptions {
  /** Sizes of generated payloads. */
  size: PayloadSize | null;
  /** The same bytes in every frame. */
  message: Uint8Array | null;
  /** Null: payloads carry no stamp. */
  stamp: StampCodec | null;
  /** The content depends on it alone, so that every shard of a run sends the same. */
  seed: number;
  format: FrameFormat;
}

/** Letters of generated text: a power of two, so that every letter is equally likely. */
const TEXT_LETTERS = 32;

/** Below this many bytes a loop compares faster than the call of Buffer.compare. */
const LOOP_BYTES_MAX = 80;

/**
 * Makes the payloads of a shard and recognises them when they come back. Every payload is the beginning of one
 * constant content, with the stamp over its first bytes: so any received piece can be compared in place, without
 * keeping what was sent.
 */
export class PayloadSource {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #size: PayloadSize;
  readonly #stamp: StampCodec | null;
  readonly #content: Buffer;

  constructor(options: PayloadOptions) {
    const { size, message, stamp } = options;
    assert((size === null) !== (message === null), 'a payload has either a size or a message');
    this.#content = message === null ? generateContent(options) : Buffer.from(message);
    this.#size = size ?? fixedSize(this.#content.length);
    this.#stamp = stamp;
    this.minBytes = this.#size.minBytes;
    this.maxBytes = this.#size.maxBytes;
    assert(stamp === null || this.minBytes >= stamp.bytes, 'every payload has room for its stamp');
  }

  /** Size of the next payload in bytes. */
  nextSize(random: Random): number {
    return samplePayloadSize(this.#size, random);
  }

  /**
   * Writes a payload of `size` bytes to `out[at...]`.
   * @param stamp what its stamp says; not looked at where payloads carry none
   */
  write(out: Buffer, at: number, size: number, stamp: Readonly<Stamp>): void {
    assert(size <= this.#content.length, 'a payload is not larger than the content');
    this.#content.copy(out, at, 0, size);
    this.#stamp?.write(out, at, stamp);
  }

  /**
   * Whether `bytes[start, end)` are the content's bytes from payload position `offset` on. Where payloads carry a
   * stamp, `offset` lies behind it.
   */
  matchesContent(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    const length = end - start;
    const content = this.#content;
    if (offset + length > content.length) return false;
    if (length > LOOP_BYTES_MAX) return content.compare(bytes, start, end, offset, offset + length) === 0;
    for (let i = 0; i < length; i++) {
      if (bytes[start + i] !== content[offset + i]) return false;
    }
    return true;
  }
}

/** Random bytes as long as the largest payload; random letters where a delimiter must not occur. */
function generateContent({ size, seed, format }: PayloadOptions): Buffer {
  const content = Buffer.alloc(size?.maxBytes ?? 0);
  const random = new Random(seed);
  random.fill(content);
  if (format.kind !== 'delimiter') return content;
  const letters = alphabetWithout(format.delimiter, TEXT_LETTERS);
  for (let i = 0; i < content.length; i++) content[i] = letters[(content[i] ?? 0) % TEXT_LETTERS] ?? 0;
  return content;
}
