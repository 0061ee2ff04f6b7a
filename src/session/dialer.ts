import type { Engine } from '../engine/engine.ts';
import { dialDueUs, type DialScheduleOptions } from '../schedule/dial-schedule.ts';

export interface DialerOptions {
  /** Clock and deadlines, by the dialer's own slot numbers. */
  engine: Pick<Engine, 'nowUs' | 'setDeadline'>;
  /** Connections of this shard and cohort; slots 0..connections-1 are dialled in this order. */
  connections: number;
  schedule: DialScheduleOptions;
  /**
   * Dials in progress at one time; only where the schedule has no rate, since a planned rate does not wait. Infinity is a
   * storm: whatever is due is dialled in one turn of the loop.
   */
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
  /** Slots whose connection ended and is to be dialled again, first come first served. */
  #again: number[] = [];
  /** Slots that rest before they are dialled again, and until when; each holds its own deadline. */
  readonly #resting = new Map<number, number>();
  #stopped: boolean = false;
  #limitReached: boolean = false;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Connections that have not been dialled. */
  get waiting(): number {
    return this.#options.connections - this.#next;
  }

  /** Whether a dial is still to come. */
  get pending(): boolean {
    if (this.#limitReached) return false;
    return this.waiting > 0 || this.#again.length > 0 || this.#resting.size > 0;
  }

  /**
   * Starts the dials that are due, a few a turn of the loop: a burst would make each dial wait for the generator to
   * start and serve all the others, and that wait would be measured as the target's. A storm is such a burst on demand.
   */
  pump(): void {
    const { engine, connections, dial, untilUs } = this.#options;
    const nowUs = engine.nowUs();
    if (nowUs >= untilUs) return;
    let budget = this.#concurrentMax === Infinity ? Infinity : DIALS_A_TURN_MAX;
    // First dials go before repeated ones: connections that end at once would else keep the others from their turn.
    while (!this.#stopped && this.#next < connections && budget > 0 && this.#mayDial(nowUs)) {
      budget--;
      this.#inProgress++;
      dial(this.#next++);
    }
    while (!this.#stopped && this.#again.length > 0 && budget > 0 && this.#inProgress < this.#concurrentMax) {
      budget--;
      this.#inProgress++;
      dial(this.#again.shift() as number);
    }
    this.#schedulePump(nowUs);
  }

  dialEnded(): void {
    this.#inProgress--;
    this.#schedulePump(this.#options.engine.nowUs());
  }

  /** The deadline has passed that `slot`, which has no connection, held for the dialer. */
  due(slot: number): void {
    const restUs = this.#resting.get(slot);
    const { engine } = this.#options;
    if (restUs !== undefined && restUs > engine.nowUs()) return engine.setDeadline(slot, 'pace', restUs);
    if (this.#resting.delete(slot)) this.#again.push(slot);
    this.pump();
  }

  /** Dials a slot again once it has rested for `pauseUs`, as soon as the dials in progress allow it. */
  redial(slot: number, pauseUs: number): void {
    if (this.#stopped) return;
    const { engine } = this.#options;
    const nowUs = engine.nowUs();
    if (pauseUs > 0) {
      this.#resting.set(slot, nowUs + pauseUs);
      engine.setDeadline(slot, 'pace', nowUs + pauseUs);
    } else {
      this.#again.push(slot);
      this.#schedulePump(nowUs);
    }
  }

  /**
   * This machine has no descriptor, port or memory left for a dial: the ramp asks for no more, since every further dial
   * would fail the same way and say nothing of the target.
   */
  reachLimit(): void {
    this.#limitReached = true;
    this.stop();
  }

  stop(): void {
    this.#stopped = true;
    this.#again = [];
    this.#resting.clear();
  }

  get #schedule(): DialScheduleOptions {
    return this.#options.schedule;
  }

  get #dueUs(): number {
    return this.#options.originUs + dialDueUs(this.#next, this.#schedule);
  }

  /** A slot that is to be dialled holds the deadline of the next pump. */
  #schedulePump(nowUs: number): void {
    const [first] = this.#again;
    if (first !== undefined && this.#inProgress < this.#concurrentMax) {
      this.#options.engine.setDeadline(first, 'pace', nowUs);
    }
    if (this.#stopped || this.waiting === 0) return;
    const paced = this.#schedule.ratePerSecond !== null;
    if (paced || this.#mayDial(nowUs)) {
      this.#options.engine.setDeadline(this.#next, 'pace', paced ? this.#dueUs : nowUs);
    }
  }

  /** A planned rate does not wait for dials in progress; what is dialled again is outside of it. */
  get #concurrentMax(): number {
    return this.#options.concurrentDials;
  }

  #mayDial(nowUs: number): boolean {
    if (this.#schedule.ratePerSecond === null) return this.#inProgress < this.#options.concurrentDials;
    return this.#dueUs <= nowUs;
  }
}

/** Dials that one turn of the loop starts; at some 60 us each they delay one another by half a millisecond. */
const DIALS_A_TURN_MAX = 8;
