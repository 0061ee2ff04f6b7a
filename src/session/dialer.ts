import type { Engine } from '../engine/engine.ts';
import { dialDueUs, type DialScheduleOptions } from '../schedule/dial-schedule.ts';

export interface DialerOptions {
  engine: Engine;
  /** Connections of this shard; slots 0..connections-1 are dialled in this order. */
  connections: number;
  schedule: DialScheduleOptions;
  /** Dials in progress at one time; only where the schedule has no rate, since a planned rate does not wait. */
  concurrentDials: number;
  originUs: number;
  /** The plan's end, from which on nothing is dialled, however late the loop is. */
  untilUs: number;
  dial: (slot: number) => void;
}

/** Starts a shard's dials when the plan says: at its rate, or as fast as the dials in progress allow. */
export class Dialer {
  readonly #options: DialerOptions;
  #next: number = 0;
  #inProgress: number = 0;
  #stopped: boolean = false;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Connections that have not been dialled. */
  get waiting(): number {
    return this.#options.connections - this.#next;
  }

  /**
   * Starts the dials that are due, a few a turn of the loop: a burst would make each dial wait for the generator to
   * start and serve all the others, and that wait would be measured as the target's.
   */
  pump(): void {
    const { engine, connections, dial, untilUs } = this.#options;
    const nowUs = engine.nowUs();
    if (nowUs >= untilUs) return;
    let budget = DIALS_A_TURN_MAX;
    while (!this.#stopped && this.#next < connections && budget > 0 && this.#mayDial(nowUs)) {
      budget--;
      this.#inProgress++;
      dial(this.#next++);
    }
    this.#schedulePump(nowUs);
  }

  dialEnded(): void {
    this.#inProgress--;
    this.#schedulePump(this.#options.engine.nowUs());
  }

  stop(): void {
    this.#stopped = true;
  }

  get #schedule(): DialScheduleOptions {
    return this.#options.schedule;
  }

  get #dueUs(): number {
    return this.#options.originUs + dialDueUs(this.#next, this.#schedule);
  }

  /** The slot that is dialled next holds the deadline of the next pump. */
  #schedulePump(nowUs: number): void {
    if (this.#stopped || this.waiting === 0) return;
    const paced = this.#schedule.ratePerSecond !== null;
    if (paced || this.#mayDial(nowUs)) {
      this.#options.engine.setDeadline(this.#next, 'pace', paced ? this.#dueUs : nowUs);
    }
  }

  #mayDial(nowUs: number): boolean {
    if (this.#schedule.ratePerSecond === null) return this.#inProgress < this.#options.concurrentDials;
    return this.#dueUs <= nowUs;
  }
}

/** Dials that one turn of the loop starts; at some 60 us each they delay one another by half a millisecond. */
const DIALS_A_TURN_MAX = 8;
