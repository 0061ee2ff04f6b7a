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

/** Accepts nothing for a stretch of the target's life, or for one each time that `everyUs` has passed. */
export class AcceptPause implements AcceptRule {
  readonly #stretch: Stretch & { everyUs?: number };
  readonly #startUs: () => number;

  /** @param startUs when the target started */
  constructor(stretch: Stretch & { everyUs?: number }, startUs: () => number) {
    this.#stretch = stretch;
    this.#startUs = startUs;
  }

  readyUs(nowUs: number): number {
    const { startUs, lengthUs, everyUs = Infinity } = this.#stretch;
    const firstUs = this.#startUs() + startUs;
    const turns = Math.max(0, Math.floor((nowUs - firstUs) / everyUs));
    const fromUs = turns === 0 ? firstUs : firstUs + turns * everyUs;
    const untilUs = fromUs + lengthUs;
    return nowUs >= fromUs && nowUs < untilUs ? untilUs : nowUs;
  }

  accepted(): void {}
}
