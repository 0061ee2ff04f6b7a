import { assert } from '../base/assert.ts';
import type { FrameSchedule } from './frame-schedule.ts';

/**
 * Closed model: at most `window` frames in flight; each completed frame makes another one due after `thinkUs`.
 * Think times are equal, so due times come in order and a ring of `window` of them is enough.
 */
export class ClosedSchedule implements FrameSchedule {
  readonly #dueUs: Float64Array;
  readonly #thinkUs: number;
  #head: number = 0;
  #size: number;
  nextUs: number;

  constructor(options: { window: number; thinkUs: number; startUs: number }) {
    assert(options.window >= 1, 'a closed model has a window of at least one frame');
    this.#dueUs = new Float64Array(options.window).fill(options.startUs);
    this.#thinkUs = options.thinkUs;
    this.#size = options.window;
    this.nextUs = options.startUs;
  }

  advance(): void {
    assert(this.#size > 0, 'a frame was due');
    this.#head = (this.#head + 1) % this.#dueUs.length;
    this.#size--;
    this.nextUs = this.#size === 0 ? Infinity : (this.#dueUs[this.#head] as number);
  }

  completed(nowUs: number): void {
    assert(this.#size < this.#dueUs.length, 'a completed frame was in flight');
    const dueUs = nowUs + this.#thinkUs;
    this.#dueUs[(this.#head + this.#size) % this.#dueUs.length] = dueUs;
    if (this.#size === 0) this.nextUs = dueUs;
    this.#size++;
  }
}

/** Where a schedule of a single frame keeps its due time: among others that are looked at with it. */
export interface DuePlace {
  times: Float64Array;
  at: number;
}

/**
 * The closed model's schedule for a window; that of a single frame, the usual one, needs no ring.
 * @param place of the single frame's due time. @default one of its own
 */
export function closedSchedule(
  options: { window: number; thinkUs: number; startUs: number },
  place: DuePlace = { times: new Float64Array(1), at: 0 },
): FrameSchedule {
  return options.window === 1 ? new SingleSchedule(options, place) : new ClosedSchedule(options);
}

/** Closed model with one frame in flight: due at the start, and again `thinkUs` after each completion. */
class SingleSchedule implements FrameSchedule {
  readonly #thinkUs: number;
  readonly #times: Float64Array;
  readonly #at: number;

  constructor(options: { thinkUs: number; startUs: number }, { times, at }: DuePlace) {
    this.#thinkUs = options.thinkUs;
    this.#times = times;
    this.#at = at;
    times[at] = options.startUs;
  }

  get nextUs(): number {
    return this.#times[this.#at] as number;
  }

  advance(): void {
    assert(this.nextUs !== Infinity, 'a frame was due');
    this.#times[this.#at] = Infinity;
  }

  completed(nowUs: number): void {
    assert(this.nextUs === Infinity, 'a completed frame was in flight');
    this.#times[this.#at] = nowUs + this.#thinkUs;
  }
}
