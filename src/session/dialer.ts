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

  /** Starts every dial that is due now and sets the deadline for the next. */
  pump(): void {
    const { engine, connections, dial } = this.#options;
    const nowUs = engine.nowUs();
    while (!this.#stopped && this.#next < connections && this.#mayDial(nowUs)) {
      this.#inProgress++;
      dial(this.#next++);
    }
    if (this.#stopped || this.#next === connections || this.#schedule.ratePerSecond === null) return;
    engine.setDeadline(this.#next, 'pace', this.#dueUs);
  }

  dialEnded(): void {
    this.#inProgress--;
    if (this.#schedule.ratePerSecond === null) this.pump();
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

  #mayDial(nowUs: number): boolean {
    if (this.#schedule.ratePerSecond === null) return this.#inProgress < this.#options.concurrentDials;
    return this.#dueUs <= nowUs;
  }
}
