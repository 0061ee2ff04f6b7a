import {
  INTERVAL_US,
  intervalEndUs,
  intervalPhase,
  type IntervalPhase,
} from '../schedule/interval-schedule.ts';

/** One interval that has ended, in microseconds since the run's start. */
export interface EndedInterval {
  index: number;
  startUs: number;
  endUs: number;
  phase: IntervalPhase;
}

/** Numbers a shard's intervals and knows when the current one ends. */
export class IntervalClock {
  readonly #warmupUs: number;
  #sendingEndUs: number;
  #index: number = 0;
  #startUs: number = 0;

  constructor(options: { warmupUs: number; durationUs: number }) {
    this.#warmupUs = options.warmupUs;
    this.#sendingEndUs = options.durationUs;
  }

  /** When the current interval ends. */
  get endUs(): number {
    return intervalEndUs(this.#startUs, this.#bounds);
  }

  /** Ends the current interval at `elapsedUs`, in time or early. */
  cut(elapsedUs: number): EndedInterval {
    const ended: EndedInterval = {
      index: this.#index,
      startUs: this.#startUs,
      endUs: elapsedUs,
      phase: intervalPhase(this.#startUs, this.#bounds),
    };
    this.#index++;
    this.#startUs = elapsedUs;
    return ended;
  }

  /** Sending has ended at `elapsedUs`, before its planned end: what follows is the drain. */
  endSending(elapsedUs: number): void {
    this.#sendingEndUs = Math.min(this.#sendingEndUs, elapsedUs);
  }

  get #bounds(): { intervalUs: number; warmupUs: number; durationUs: number } {
    return { intervalUs: INTERVAL_US, warmupUs: this.#warmupUs, durationUs: this.#sendingEndUs };
  }
}
