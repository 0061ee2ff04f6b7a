import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { TimerWheel } from '../../base/timer-wheel.ts';
import { TIMER_KINDS, timerIndex, type EngineEvents, type TimerKind } from '../engine.ts';

/**
 * The node engine's share of the event loop: deadlines on a wheel, driven by one Node timer that is always aimed at
 * the next of them, and a tick at least every `TICK_MS_MAX`.
 */
export class NodeLoop {
  readonly #clock: Clock;
  readonly #events: EngineEvents;
  readonly #wheel: TimerWheel;
  #timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  #immediate: boolean = false;
  #aimedAtUs: number = Infinity;
  #finish: (() => void) | null = null;

  constructor(options: { slots: number; clock: Clock; events: EngineEvents }) {
    this.#clock = options.clock;
    this.#events = options.events;
    this.#wheel = new TimerWheel({
      ids: options.slots * TIMER_KINDS.length,
      tickUs: WHEEL_TICK_US,
      nowUs: options.clock.nowUs(),
    });
  }

  /** Runs until `stop()`. */
  run(): Promise<void> {
    assert(this.#finish === null, 'the loop is run once at a time');
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#aim(this.#clock.nowUs());
    });
  }

  /** No deadline fires and no tick comes any more. */
  stop(): void {
    this.#disarm();
    this.#finish?.();
    this.#finish = null;
  }

  setDeadline(slot: number, timer: TimerKind, atUs: number): void {
    this.#wheel.set(timerId(slot, timer), atUs);
    if (this.#finish !== null && atUs < this.#aimedAtUs - AIM_SLACK_US) this.#aim(this.#clock.nowUs());
  }

  clearDeadline(slot: number, timer: TimerKind): void {
    this.#wheel.clear(timerId(slot, timer));
  }

  clearSlot(slot: number): void {
    for (const timer of TIMER_KINDS) this.clearDeadline(slot, timer);
  }

  #aim(nowUs: number): void {
    this.#disarm();
    const dueUs = this.#wheel.nextDueUs(nowUs, TICK_MS_MAX * 1000);
    const waitMs = Math.ceil((dueUs - nowUs) / 1000);
    this.#aimedAtUs = dueUs;
    this.#immediate = waitMs < 1;
    this.#timer = this.#immediate ? setImmediate(() => this.#turn()) : setTimeout(() => this.#turn(), waitMs);
  }

  #disarm(): void {
    if (this.#timer === null) return;
    if (this.#immediate) clearImmediate(this.#timer as NodeJS.Immediate);
    else clearTimeout(this.#timer as NodeJS.Timeout);
    this.#timer = null;
  }

  #turn(): void {
    this.#timer = null;
    // Deadlines set while these fire must not aim the timer each on their own: it is aimed once below.
    this.#aimedAtUs = -Infinity;
    const nowUs = this.#clock.nowUs();
    this.#wheel.expire(nowUs, (id) => {
      if (this.#finish === null) return;
      const kind = TIMER_KINDS[id % TIMER_KINDS.length] as TimerKind;
      this.#events.expired(Math.floor(id / TIMER_KINDS.length), kind, nowUs);
    });
    if (this.#finish !== null) this.#events.tick(nowUs);
    if (this.#finish !== null) this.#aim(this.#clock.nowUs());
  }
}

function timerId(slot: number, timer: TimerKind): number {
  return slot * TIMER_KINDS.length + timerIndex(timer);
}

/** The longest time between two ticks, and so until a control word is seen. */
const TICK_MS_MAX = 10;
/** Node's timers count in milliseconds, so a finer wheel would gain nothing. */
const WHEEL_TICK_US = 1000;
/** A deadline only so much earlier than the timer's aim is left to it: re-aiming costs more than it gains. */
const AIM_SLACK_US = 500;
