/** How far the expected preface has come. */
export type PrefaceResult = 'wanting' | 'whole' | 'different';

/** Compares the first bytes of a stream with those that the target must send, wherever they are cut. */
export class PrefaceReader {
  readonly #expected: Uint8Array;
  #matched: number = 0;
  /** Position in the last chunk's bytes behind the preface; frames begin there. */
  end: number = 0;

  constructor(expected: Uint8Array) {
    this.#expected = expected;
  }

  /** Reads `bytes[start, end)`. */
  read(bytes: Uint8Array, start: number, end: number): PrefaceResult {
    let at = start;
    while (at < end && this.#matched < this.#expected.length) {
      if (bytes[at] !== this.#expected[this.#matched]) return 'different';
      at++;
      this.#matched++;
    }
    this.end = at;
    return this.#matched === this.#expected.length ? 'whole' : 'wanting';
  }
}
