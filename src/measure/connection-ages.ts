/**
 * How old the connections of a shard are, in classes. Response times are recorded by the class of their connection, so
 * that a run shows whether connections get slower as they age. Which class that is, a frame reads from a byte; the
 * bytes are brought up to date once an interval, and no frame computes an age.
 */
export class ConnectionAges {
  /** When the connection of a slot was opened, in monotonic microseconds; 0 where none is. */
  readonly #openedUs: Float64Array;
  readonly #classes: Uint8Array;
  /** No connection leaves the youngest class before this time. */
  #nextUs: number = Infinity;
  /** Where the next turn goes on. */
  #at: number = 0;

  constructor(slots: number) {
    this.#openedUs = new Float64Array(slots);
    this.#classes = new Uint8Array(slots);
  }

  /** A connection was opened in the slot: it is in the youngest class, whatever was there before it. */
  opened(slot: number, nowUs: number): void {
    this.#openedUs[slot] = nowUs;
    this.#classes[slot] = 0;
    this.#nextUs = Math.min(this.#nextUs, nowUs + AGE_BOUND_US_MIN);
  }

  /** The slot's connection has ended. */
  ended(slot: number): void {
    this.#openedUs[slot] = 0;
  }

  /** The class of the slot's connection, from 0. */
  classOf(slot: number): number {
    return this.#classes[slot] ?? 0;
  }

  /** Brings classes up to date, of so many slots at most that the loop hardly waits; once an interval is enough. */
  advance(nowUs: number): void {
    const openedUs = this.#openedUs;
    const slots = openedUs.length;
    if (nowUs < this.#nextUs || slots === 0) return;
    for (let turns = Math.min(slots, AGES_A_TURN_MAX); turns > 0; turns--) {
      const slot = this.#at;
      this.#at = slot + 1 === slots ? 0 : slot + 1;
      const sinceUs = openedUs[slot] as number;
      if (sinceUs > 0) this.#classes[slot] = classAt(nowUs - sinceUs);
    }
  }
}

function classAt(ageUs: number): number {
  let index = 0;
  while (ageUs >= (AGE_BOUNDS_US[index] ?? Infinity)) index++;
  return index;
}

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;

/** Where one class of ages ends and the next begins; the last has no end. */
export const AGE_BOUNDS_US: readonly number[] = [
  MINUTE_US,
  10 * MINUTE_US,
  HOUR_US,
  6 * HOUR_US,
  24 * HOUR_US,
];
const AGE_BOUND_US_MIN = MINUTE_US;

/** Slots that one interval looks at: about 0.1 ms. A million connections are gone through in 16 intervals. */
const AGES_A_TURN_MAX = 65_536;
