/**
 * Deadlines for many connections: a hashed timing wheel (scheme 6 of the source). A timer is an integer id; its due
 * time is exact, the wheel's ticks only decide in which bucket it waits, so setting and clearing cost O(1) and touch
 * typed arrays alone. A timer further away than one lap stays in its bucket and is looked at once a lap.
 *
 * Invariant: an armed id stands in exactly one bucket's doubly linked list; `expire(now)` fires every id whose due
 * time is <= now exactly once, unless it is cleared or set again before its turn.
 * Source: G. Varghese, T. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, section 6.1.
 */
export class TimerWheel {
  readonly #tickUs: number;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #dueUs: Float64Array;
  readonly #state: Uint8Array;
  readonly #firing: number[] = [];
  #lastTick: number;
  #armed: number = 0;

  /** @param options `ids` timers 0..ids-1, buckets of `tickUs`, starting at `nowUs`. */
  constructor(options: { ids: number; tickUs: number; nowUs: number }) {
    this.#tickUs = options.tickUs;
    this.#heads = new Int32Array(WHEEL_BUCKETS).fill(NONE);
    this.#next = new Int32Array(options.ids);
    this.#previous = new Int32Array(options.ids);
    this.#dueUs = new Float64Array(options.ids);
    this.#state = new Uint8Array(options.ids);
    this.#lastTick = Math.floor(options.nowUs / options.tickUs);
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#armed;
  }

  /** Arms `id` for `dueUs`, replacing an earlier deadline. A due time in the past fires at the next `expire`. */
  set(id: number, dueUs: number): void {
    if (this.#state[id] === ARMED) this.#unlink(id);
    this.#state[id] = ARMED;
    this.#dueUs[id] = dueUs;
    this.#link(id, Math.max(Math.floor(dueUs / this.#tickUs), this.#lastTick));
  }

  /** Disarms `id`; nothing happens where it is not armed. */
  clear(id: number): void {
    if (this.#state[id] === ARMED) this.#unlink(id);
    this.#state[id] = IDLE;
  }

  /**
   * Calls `fire` for every timer that is due at `nowUs`; `fire` may set and clear any timer. It is handed `nowUs`, so
   * that a loop needs no closure of its own for each turn.
   */
  expire(nowUs: number, fire: (id: number, nowUs: number) => void): void {
    const nowTick = Math.floor(nowUs / this.#tickUs);
    const firstTick = Math.max(this.#lastTick, nowTick - WHEEL_BUCKETS + 1);
    const firing = this.#firing;
    for (let tick = firstTick; tick <= nowTick; tick++) this.#collectDue(tick, nowUs);
    this.#lastTick = Math.max(this.#lastTick, nowTick);
    for (let i = 0; i < firing.length; i++) {
      const id = firing[i] as number;
      if (this.#state[id] !== FIRING) continue;
      this.#state[id] = IDLE;
      fire(id, nowUs);
    }
    firing.length = 0;
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
    for (; id !== NONE; id = this.#next[id] as number) {
      const dueUs = this.#dueUs[id] as number;
      if (dueUs < endUs && dueUs < earliestUs) earliestUs = dueUs;
    }
    return earliestUs;
  }

  #collectDue(tick: number, nowUs: number): void {
    let id = this.#heads[tick & BUCKET_MASK] as number;
    while (id !== NONE) {
      const next = this.#next[id] as number;
      if ((this.#dueUs[id] as number) <= nowUs) {
        this.#unlink(id);
        this.#state[id] = FIRING;
        this.#firing.push(id);
      }
      id = next;
    }
  }

  #link(id: number, tick: number): void {
    const bucket = tick & BUCKET_MASK;
    const head = this.#heads[bucket] as number;
    this.#next[id] = head;
    this.#previous[id] = -bucket - 2;
    if (head !== NONE) this.#previous[head] = id;
    this.#heads[bucket] = id;
    this.#armed++;
  }

  /** A list's first id holds its bucket, coded as -bucket - 2, in place of a predecessor. */
  #unlink(id: number): void {
    const next = this.#next[id] as number;
    const previous = this.#previous[id] as number;
    if (previous < NONE) this.#heads[-previous - 2] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#armed--;
  }
}

/** Buckets of one lap; a power of two so that a tick finds its bucket with a mask. */
const WHEEL_BUCKETS = 4096;
const BUCKET_MASK = WHEEL_BUCKETS - 1;
const NONE = -1;
const IDLE = 0;
const ARMED = 1;
const FIRING = 2;
