import type { FaultBook } from './fault-book.ts';
import { nextStepUs } from './pace.ts';

/** Decides how much of a connection is read, and when. */
export interface ReadLimit {
  readonly book: FaultBook;
  /** The most that the next read may take; asked only while reading is allowed. */
  readonly bytesMax: number;
  /** That many bytes were read. */
  took(bytes: number, nowUs: number): void;
  /** When reading may go on: not after `nowUs`: at once; Infinity: never. */
  readyUs(nowUs: number): number;
  /** What to do when reading may never go on. */
  readonly whenSpent: 'reset' | 'stop';
}

/** Allows exactly a number of bytes, and none after them. */
export class ByteLimit implements ReadLimit {
  readonly book: FaultBook;
  readonly whenSpent: 'reset' | 'stop';
  bytesMax: number;

  constructor(bytes: number, whenSpent: 'reset' | 'stop', book: FaultBook) {
    this.bytesMax = bytes;
    this.whenSpent = whenSpent;
    this.book = book;
  }

  took(bytes: number): void {
    this.bytesMax -= bytes;
  }

  readyUs(nowUs: number): number {
    return this.bytesMax > 0 ? nowUs : Infinity;
  }
}

/**
 * Allows a number of bytes a second, in steps of about READ_STEP_MS: each read must wait until those before it would
 * have been through at that rate. A read that comes late does not put off the next one, see `nextStepUs`; since the
 * first byte never more is read than the rate allows and one step.
 */
export class ByteRate implements ReadLimit {
  readonly book: FaultBook;
  readonly whenSpent = 'stop';
  readonly bytesMax: number;
  readonly #bytesPerUs: number;
  #readyUs: number = -Infinity;

  constructor(bytesPerSecond: number, book: FaultBook) {
    this.#bytesPerUs = bytesPerSecond / 1e6;
    this.bytesMax = Math.max(1, Math.floor((bytesPerSecond * READ_STEP_MS) / 1000));
    this.book = book;
  }

  took(bytes: number, nowUs: number): void {
    this.book.add('readBytes', bytes);
    this.#readyUs = nextStepUs(this.#readyUs, nowUs, bytes / this.#bytesPerUs);
  }

  readyUs(): number {
    return this.#readyUs;
  }
}

/** Long against the scheduler's millisecond, short against what a client would notice as a burst. */
const READ_STEP_MS = 10;
