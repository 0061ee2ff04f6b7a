/**
 * Seeded random numbers: sfc32 ("small fast counting", 128 bits of state, passes PractRand to at least 2^42 bytes),
 * so that a run with the same seed sends the same bytes. Streams of one seed are kept apart by a stream number
 * that is mixed into the state through splitmix32.
 * Source: C. Doty-Humphrey, PractRand 0.94, RNG "sfc32"; splitmix32 after G. Steele et al., OOPSLA 2014.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number = 1;

  /** @param seed any integer; @param stream which of the seed's independent sequences. @default stream 0 */
  constructor(seed: number, stream: number = 0) {
    const mix = splitmix32(seed ^ Math.imul(stream + 1, 0x9e3779b9));
    this.#a = mix();
    this.#b = mix();
    this.#c = mix() ^ Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1) with 32 random bits. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [0, below); the bias of the multiplication is at most below / 2^32. */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  /** An exponentially distributed number with mean 1 (inverse of the distribution function). */
  exponential(): number {
    return -Math.log(1 - this.fraction());
  }

  /** A standard normal number. Source: G. Box, M. Muller, Ann. Math. Stat. 29 (1958), 610. */
  normal(): number {
    const radius = Math.sqrt(2 * this.exponential());
    return radius * Math.cos(2 * Math.PI * this.fraction());
  }

  /** Fills `bytes` with random ones. */
  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() >>> 24;
  }
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
}
