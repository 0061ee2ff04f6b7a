import { TimerWheel } from '../../base/timer-wheel.ts';
import { TIMER_KINDS } from '../engine.ts';

/** The deadlines of all slots: those of the session's timers, and one more of the engine's own (CLOSE_TIMER). */
export class SlotTimers {
  readonly #wheel: TimerWheel;

  constructor(slots: number, nowUs: number) {
    this.#wheel = new TimerWheel({ ids: slots * TIMERS_A_SLOT, tickUs: WHEEL_TICK_US, nowUs });
  }

  set(slot: number, timer: number, atUs: number): void {
    this.#wheel.set(slot * TIMERS_A_SLOT + timer, atUs);
  }

  clear(slot: number, timer: number): void {
    this.#wheel.clear(slot * TIMERS_A_SLOT + timer);
  }

  clearAll(slot: number): void {
    for (let timer = 0; timer < TIMERS_A_SLOT; timer++) this.clear(slot, timer);
  }

  nextDueUs(nowUs: number, maxUs: number): number {
    return this.#wheel.nextDueUs(nowUs, maxUs);
  }

  /** Calls `expired` with the number of each deadline that has passed: `slotOfTimer` and `kindOfTimer` take it apart. */
  expire(nowUs: number, expired: (id: number) => void): void {
    this.#wheel.expire(nowUs, expired);
  }
}

/** The slot of a deadline. */
export function slotOfTimer(id: number): number {
  return Math.floor(id / TIMERS_A_SLOT);
}

/** The place of the timer's kind in TIMER_KINDS, or CLOSE_TIMER. */
export function kindOfTimer(id: number): number {
  return id % TIMERS_A_SLOT;
}

/** For a peer that never closes its side. */
export const CLOSE_TIMER: number = TIMER_KINDS.length;
const TIMERS_A_SLOT = TIMER_KINDS.length + 1;
const WHEEL_TICK_US = 250;
