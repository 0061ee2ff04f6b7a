/**
 * Deadlines for many connections: a hashed timing wheel (scheme 6 of the source). A timer is an integer id; its due
 * time is exact, the wheel's ticks only decide in which bucket it waits, so setting and clearing cost O(1) and touch
 * typed arrays alone. A timer further away than one lap stays in its bucket and is looked at once a lap.
 *
 * Invariant: an armed id stands in exactly one bucket's doubly linked list; `expire(now)` fires every id whose due
 * time is <= now exactly once, unless it is cleared or set again before its turn.
 *
 * Whatever is known of a timer lies in 16 bytes side by side, because with thousands of them it is the lines of the
 * processor's cache that cost time: its due time (8), then its successor and its predecessor (4 each). A timer that is
 * in no list has its state in the successor's place.
 * Source: G. Varghese, T. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, section 6.1.
 */
export class TimerWheel {
  readonly #tickUs: number;
  readonly #heads: Int32Array;
  /** The same memory as doubles and as words. */
  readonly #dueUs: Float64Array;
  readonly #links: Int32Array;
  /** The ids that an `expire` has collected. */
  readonly #firing: Int32Array;
  #lastTick: number;
  #armed: number = 0;

  /** @param options `ids` timers 0..ids-1, buckets of `tickUs`, starting at `nowUs`. */
  constructor(options: { ids: number; tickUs: number; nowUs: number }) {
    this.#tickUs = options.tickUs;
    this.#heads = new Int32Array(WHEEL_BUCKETS).fill(NONE);
    this.#dueUs = new Float64Array(options.ids * TIMER_DOUBLES);
    this.#links = new Int32Array(this.#dueUs.buffer);
    for (let id = 0; id < options.ids; id++) this.#links[id * TIMER_WORDS + NEXT] = IDLE;
    this.#firing = new Int32Array(options.ids);
    this.#lastTick = Math.floor(options.nowUs / options.tickUs);
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#armed;
  }

  /** Arms `id` for `dueUs`, replacing an earlier deadline. A due time in the past fires at the next `expire`. */
  set(id: number, dueUs: number): void {
    if (this.#isArmed(id)) this.#unlink(id);
    this.#dueUs[id * TIMER_DOUBLES] = dueUs;
    this.#link(id, Math.max(Math.floor(dueUs / this.#tickUs), this.#lastTick));
  }

  /** Disarms `id`; nothing happens where it is not armed. */
  clear(id: number): void {
    if (this.#isArmed(id)) this.#unlink(id);
    this.#links[id * TIMER_WORDS + NEXT] = IDLE;
  }

  /** Calls `fire` for every timer that is due at `nowUs`; `fire` may set and clear any timer. */
  expire(nowUs: number, fire: (id: number) => void): void {
    const nowTick = Math.floor(nowUs / this.#tickUs);
    const firstTick = Math.max(this.#lastTick, nowTick - WHEEL_BUCKETS + 1);
    const firing = this.#firing;
    let count = 0;
    for (let tick = firstTick; tick <= nowTick; tick++) count = this.#collectDue(tick, nowUs, count);
    this.#lastTick = Math.max(this.#lastTick, nowTick);
    for (let i = 0; i < count; i++) {
      const id = firing[i] as number;
      if (this.#links[id * TIMER_WORDS + NEXT] !== FIRING) continue;
      this.#links[id * TIMER_WORDS + NEXT] = IDLE;
      fire(id);
    }
  }

  /**
   * A time at or before the next deadline, looking no further than `horizonUs` from `nowUs`: how long a loop may
   * sleep. It costs one look a tick of the horizon; once the last `expire` is a lap ago, a look at every timer.
   */
  nextDueUs(nowUs: number, horizonUs: number): number {
    const limitUs = nowUs + horizonUs;
    if (this.#armed === 0) return limitUs;
    const lastTick = Math.floor(limitUs / this.#tickUs);
    if (lastTick >= this.#lastTick + WHEEL_BUCKETS) return this.#earliestOfAll(limitUs);
    for (let tick = this.#lastTick; tick <= lastTick; tick++) {
      const dueUs = this.#earliestIn(tick, (tick + 1) * this.#tickUs);
      if (dueUs < Infinity) return Math.min(dueUs, limitUs);
    }
    return limitUs;
  }

  #earliestOfAll(limitUs: number): number {
    let earliestUs = limitUs;
    for (let tick = 0; tick < WHEEL_BUCKETS; tick++) {
      earliestUs = Math.min(earliestUs, this.#earliestIn(tick, limitUs));
    }
    return earliestUs;
  }

  /** The earliest due time before `endUs` in a tick's bucket; Infinity where there is none. */
  #earliestIn(tick: number, endUs: number): number {
    let earliestUs = Infinity;
    let id = this.#heads[tick & BUCKET_MASK] as number;
    for (; id !== NONE; id = this.#links[id * TIMER_WORDS + NEXT] as number) {
      const dueUs = this.#dueUs[id * TIMER_DOUBLES] as number;
      if (dueUs < endUs && dueUs < earliestUs) earliestUs = dueUs;
    }
    return earliestUs;
  }

  /** Takes what is due out of a tick's bucket, behind the `count` timers that were collected before; answers how many there are now. */
  #collectDue(tick: number, nowUs: number, count: number): number {
    let collected = count;
    let id = this.#heads[tick & BUCKET_MASK] as number;
    while (id !== NONE) {
      const next = this.#links[id * TIMER_WORDS + NEXT] as number;
      if ((this.#dueUs[id * TIMER_DOUBLES] as number) <= nowUs) {
        this.#unlink(id);
        this.#links[id * TIMER_WORDS + NEXT] = FIRING;
        this.#firing[collected++] = id;
      }
      id = next;
    }
    return collected;
  }

  #isArmed(id: number): boolean {
    return (this.#links[id * TIMER_WORDS + NEXT] as number) >= NONE;
  }

  #link(id: number, tick: number): void {
    const bucket = tick & BUCKET_MASK;
    const head = this.#heads[bucket] as number;
    this.#links[id * TIMER_WORDS + NEXT] = head;
    this.#links[id * TIMER_WORDS + PREVIOUS] = -bucket - 2;
    if (head !== NONE) this.#links[head * TIMER_WORDS + PREVIOUS] = id;
    this.#heads[bucket] = id;
    this.#armed++;
  }

  /** A list's first id holds its bucket, coded as -bucket - 2, in place of a predecessor. */
  #unlink(id: number): void {
    const next = this.#links[id * TIMER_WORDS + NEXT] as number;
    const previous = this.#links[id * TIMER_WORDS + PREVIOUS] as number;
    if (previous < NONE) this.#heads[-previous - 2] = next;
    else this.#links[previous * TIMER_WORDS + NEXT] = next;
    if (next !== NONE) this.#links[next * TIMER_WORDS + PREVIOUS] = previous;
    this.#armed--;
  }
}

/** Buckets of one lap; a power of two so that a tick finds its bucket with a mask. */
const WHEEL_BUCKETS = 4096;
const BUCKET_MASK = WHEEL_BUCKETS - 1;
/** The end of a list. */
const NONE = -1;
/** In place of a successor: the timer is in no list, and waits for nothing, or for its turn within an `expire`. */
const IDLE = -2;
const FIRING = -3;
/** A timer's due time is the first of its doubles; these are its words behind it. */
const TIMER_DOUBLES = 2;
const TIMER_WORDS = 4;
const NEXT = 2;
const PREVIOUS = 3;
