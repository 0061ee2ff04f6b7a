import type { FaultBook } from './fault-book.ts';
import type { Stretch } from './fault.ts';

/** Decides when the next connection is accepted. */
export interface AcceptRule {
  /** Not after `nowUs`: at once; Infinity: never. */
  readyUs(nowUs: number): number;
  /** One was accepted. */
  accepted(nowUs: number): void;
}

/** Accepts nothing, ever. */
export class AcceptNever implements AcceptRule {
  readyUs(): number {
    return Infinity;
  }

  accepted(): void {}
}

/** Accepts one connection at a time, at a rate. */
export class AcceptRate implements AcceptRule {
  readonly #stepUs: number;
  readonly #book: FaultBook;
  #readyUs: number = -Infinity;

  constructor(perSecond: number, book: FaultBook) {
    this.#stepUs = 1e6 / perSecond;
    this.#book = book;
  }

  readyUs(): number {
    return this.#readyUs;
  }

  /** The pace is kept on average: a connection that is taken late by a timer's accuracy does not delay the next. */
  accepted(nowUs: number): void {
    const isOnPace = nowUs - this.#readyUs < this.#stepUs;
    this.#readyUs = (isOnPace ? this.#readyUs : nowUs) + this.#stepUs;
    this.#book.add('accepted');
    this.#book.connections++;
  }
}

/** Accepts nothing for a stretch of the target's life. */
export class AcceptPause implements AcceptRule {
  readonly #stretch: Stretch;
  readonly #startUs: () => number;

  /** @param startUs when the target started */
  constructor(stretch: Stretch, startUs: () => number) {
    this.#stretch = stretch;
    this.#startUs = startUs;
  }

  readyUs(nowUs: number): number {
    const fromUs = this.#startUs() + this.#stretch.startUs;
    const untilUs = fromUs + this.#stretch.lengthUs;
    return nowUs >= fromUs && nowUs < untilUs ? untilUs : nowUs;
  }

  accepted(): void {}
}
