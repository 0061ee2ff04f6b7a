/**
 * The memory of a byte array as 32-bit words, for loops that would otherwise go byte by byte. The view of the array
 * that was asked for last is kept: an engine reads into one buffer and sends from one buffer, so nothing is allocated
 * per frame.
 */
export class WordView {
  #bytes: Uint8Array | null = null;
  #byteOffset: number = 0;
  /** Words from the beginning of the memory that the array lies in. */
  words: Uint32Array = new Uint32Array(0);

  /**
   * Turns to `bytes` and answers the index in `words` of the word that begins at `bytes[at]`; UNALIGNED where no
   * word begins there.
   */
  indexOf(bytes: Uint8Array, at: number): number {
    if (bytes !== this.#bytes) this.#turnTo(bytes);
    const byteIndex = this.#byteOffset + at;
    return (byteIndex & 3) === 0 ? byteIndex >>> 2 : UNALIGNED;
  }

  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#byteOffset = bytes.byteOffset;
    this.words = new Uint32Array(bytes.buffer, 0, bytes.buffer.byteLength >>> 2);
  }
}

/** In place of an index where the bytes do not begin at a whole word. */
export const UNALIGNED = -1;
