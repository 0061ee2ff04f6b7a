import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { alphabetWithout } from './alphabet.ts';
import type { FrameFormat } from './frame-format.ts';
import { fixedSize, samplePayloadSize, type PayloadSize } from './payload-size.ts';
import type { Stamp, StampCodec } from './stamp.ts';
import { UNALIGNED, WordView } from './word-view.ts';

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

/** Up to so many bytes a loop over single bytes compares faster than the call of Buffer.compare. */
const LOOP_BYTES_MAX = 80;
/** Up to so many bytes a loop over words copies and compares faster than a call of the runtime. */
const WORD_LOOP_BYTES_MAX = 256;

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
  /** The content's whole words. */
  readonly #contentWords: Uint32Array;
  readonly #outView: WordView = new WordView();
  readonly #inView: WordView = new WordView();

  constructor(options: PayloadOptions) {
    const { size, message, stamp } = options;
    assert((size === null) !== (message === null), 'a payload has either a size or a message');
    this.#content = Buffer.from(new ArrayBuffer(message?.length ?? size?.maxBytes ?? 0));
    if (message === null) fillContent(this.#content, options);
    else this.#content.set(message);
    this.#contentWords = new Uint32Array(this.#content.buffer, 0, this.#content.length >>> 2);
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
    this.#copyContent(out, at, this.#stamp === null ? 0 : this.#stamp.bytes, size);
    this.#stamp?.write(out, at, stamp);
  }

  /** Makes another payload of one that `write` has written to `out[at...]`: they differ in their stamps alone. */
  restamp(out: Buffer, at: number, stamp: Readonly<Stamp>): void {
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
    const word = length > WORD_LOOP_BYTES_MAX ? UNALIGNED : this.#inView.indexOf(bytes, start);
    if (word !== UNALIGNED && (offset & 3) === 0) return this.#matchesWords(bytes, start, end, offset);
    if (length > LOOP_BYTES_MAX) return content.compare(bytes, start, end, offset, offset + length) === 0;
    for (let i = 0; i < length; i++) {
      if (bytes[start + i] !== content[offset + i]) return false;
    }
    return true;
  }

  /** Copies the content's bytes from `start` to `end` to the same places of the payload at `out[at...]`. */
  #copyContent(out: Buffer, at: number, start: number, end: number): void {
    let to = end - start > WORD_LOOP_BYTES_MAX ? UNALIGNED : this.#outView.indexOf(out, at + start);
    // A stamp is a number of whole words, so the content behind it begins with one.
    if (to === UNALIGNED) return void this.#content.copy(out, at + start, start, end);
    const { words } = this.#outView;
    const content = this.#contentWords;
    const wordsEnd = end >>> 2;
    for (let i = start >>> 2; i < wordsEnd; i++) words[to++] = content[i] as number;
    for (let i = end & ~3; i < end; i++) out[at + i] = this.#content[i] as number;
  }

  /** As `matchesContent`, where both sides begin with a whole word; call with the view turned to `bytes`. */
  #matchesWords(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    const { words } = this.#inView;
    const content = this.#contentWords;
    const contentEnd = offset + end - start;
    const wordsEnd = contentEnd >>> 2;
    let from = this.#inView.indexOf(bytes, start);
    for (let i = offset >>> 2; i < wordsEnd; i++) if (words[from++] !== content[i]) return false;
    for (let i = Math.max(offset, contentEnd & ~3); i < contentEnd; i++) {
      if (bytes[start + i - offset] !== this.#content[i]) return false;
    }
    return true;
  }
}

/** Random bytes as long as the largest payload; random letters where a delimiter must not occur. */
function fillContent(content: Buffer, { seed, format }: PayloadOptions): void {
  const random = new Random(seed);
  random.fill(content);
  if (format.kind !== 'delimiter') return;
  const letters = alphabetWithout(format.delimiter, TEXT_LETTERS);
  for (let i = 0; i < content.length; i++) content[i] = letters[(content[i] ?? 0) % TEXT_LETTERS] ?? 0;
}
