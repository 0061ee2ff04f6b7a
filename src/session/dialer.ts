import type { Engine } from '../engine/engine.ts';
import type { ConnectionPlan } from '../schedule/connection-plan.ts';
import { dialDueUs, type DialScheduleOptions } from '../schedule/dial-schedule.ts';

export interface DialerOptions {
  /** Clock and deadlines, by the dialer's own slot numbers. */
  engine: Pick<Engine, 'nowUs' | 'setDeadline'>;
  /** The most connections that this shard has of its cohort at one time: slots 0..connections-1. */
  connections: number;
  /** How many are to be up by when; lower slots come first and go last. */
  plan: ConnectionPlan;
  schedule: DialScheduleOptions;
  /**
   * Dials in progress at one time; only where neither a rate nor a ramp paces them, since a planned rate does not wait.
   * Infinity is a storm: whatever is due is dialled in one turn of the loop.
   */
  concurrentDials: number;
  originUs: number;
  /** The plan's end, from which on nothing is dialled, however late the loop is. */
  untilUs: number;
  slots: DialledSlots;
}

/** What a dialer does to slots, and asks of them. */
export interface DialledSlots {
  /** Dials a slot that is free. */
  dial(slot: number): void;
  /** Whether a session, be it on its way out, has the slot. */
  occupied(slot: number): boolean;
  /** The plan has the slot's connection from `atUs` on. */
  planned(slot: number, atUs: number): void;
  /** The plan has it no longer: a session that is there retires. */
  retired(slot: number, atUs: number): void;
  /** The slot's connection is not dialled, for want of this machine's own means. */
  denied(slot: number): void;
  /** The plan's next change is due at `atUs`: `follow` makes it, or the dialer's own visit when that comes first. */
  planChanges(atUs: number): void;
}

/** Starts a shard's dials when the plan says: at its rate, or as fast as the dials in progress allow. */
export class Dialer {
  readonly #options: DialerOptions;
  /** Slots below it have been dialled since the plan had them, those from it to the planned count are still to be. */
  #next: number = 0;
  /** Slots below it became planned many at a time: the dials in progress pace them. */
  #jumpedTo: number;
  /** The most slots that were dialled at any time. */
  #dialled: number = 0;
  #inProgress: number = 0;
  /** Slots whose connection ended and is to be dialled again, first come first served. */
  #again: number[] = [];
  /** Slots that rest before they are dialled again, and until when; each holds its own deadline. */
  readonly #resting = new Map<number, number>();
  /** Planned slots whose former session has not ended yet. */
  readonly #awaited = new Set<number>();
  /** The count of connections was changed while the run was on: having none is then no end. */
  #steered: boolean = false;
  #stopped: boolean = false;
  #following: boolean = false;
  #limitReached: boolean = false;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#jumpedTo = options.plan.planned;
    this.#tellEdge();
  }

  /** Connections that have not been dialled. */
  get waiting(): number {
    return this.#options.connections - this.#dialled;
  }

  /** Whether a dial is still to come. */
  get pending(): boolean {
    const { plan } = this.#options;
    if (this.#again.length > 0 || this.#resting.size > 0) return true;
    if (this.#limitReached) return this.#next < Math.min(plan.planned, this.#dialled);
    if (this.#next < plan.planned || plan.nextUs !== Infinity) return true;
    return this.#steered && plan.planned === 0;
  }

  /** Whether the plan has the slot's connection now. */
  plans(slot: number): boolean {
    return slot < this.#options.plan.planned;
  }

  /**
   * Starts the dials that are due, a few a turn of the loop: a burst would make each dial wait for the generator to
   * start and serve all the others, and that wait would be measured as the target's. A storm is such a burst on demand.
   */
  pump(): void {
    const { engine, untilUs, slots, plan } = this.#options;
    const nowUs = engine.nowUs();
    if (nowUs >= untilUs || this.#stopped) return;
    this.follow(nowUs);
    let budget = this.#concurrentMax === Infinity ? Infinity : DIALS_A_TURN_MAX;
    // First dials go before repeated ones: connections that end at once would else keep the others from their turn.
    while (!this.#stopped && this.#next < plan.planned && budget > 0 && this.#mayDial(nowUs)) {
      if (this.#schedule.ratePerSecond !== null) slots.planned(this.#next, this.#dueUs);
      const slot = this.#next++;
      if (this.#limitReached && slot >= this.#dialled) {
        slots.denied(slot);
        continue;
      }
      this.#dialled = Math.max(this.#dialled, this.#next);
      if (slots.occupied(slot)) {
        this.#awaited.add(slot);
        continue;
      }
      budget--;
      this.#dial(slot);
    }
    while (!this.#stopped && this.#again.length > 0 && budget > 0 && this.#inProgress < this.#concurrentMax) {
      budget--;
      this.#dial(this.#again.shift() as number);
    }
    this.#schedulePump(nowUs);
  }

  /** The loop's regular visit, which serves what no slot's deadline could be held for. */
  tick(nowUs: number): void {
    const { plan, originUs } = this.#options;
    if (this.#stopped) return;
    if (originUs + plan.nextUs <= nowUs || (this.#next < plan.planned && this.#mayDial(nowUs))) this.pump();
  }

  /** From `atUs`, a monotonic time, on as many connections of the run are to be up; stages behind it are dropped. */
  changeAt(atUs: number, connections: number): void {
    this.#steered = true;
    this.#options.plan.changeAt(atUs - this.#options.originUs, connections);
    this.#tellEdge();
  }

  /** Makes every change of the plan that is due, whoever asks first; one that retires may ask again meanwhile. */
  follow(nowUs: number): void {
    if (this.#following) return;
    this.#following = true;
    this.#followPlan(nowUs);
    this.#following = false;
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

  /**
   * The session of a slot has ended that the plan had given up, and has again: it is dialled as a new one. False: the
   * session was not such a one.
   */
  takesUp(slot: number): boolean {
    if (!this.#awaited.delete(slot)) return false;
    this.redial(slot, 0);
    return true;
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
   * This machine has no descriptor, port or memory left for a dial: no connection is added any more, since its dial
   * would fail the same way and say nothing of the target. Those that were up are dialled again when they end.
   */
  reachLimit(): void {
    this.#limitReached = true;
  }

  stop(): void {
    this.#stopped = true;
    this.#again = [];
    this.#resting.clear();
    this.#awaited.clear();
  }

  #dial(slot: number): void {
    this.#inProgress++;
    this.#options.slots.dial(slot);
  }

  #tellEdge(): void {
    const { plan, slots, originUs } = this.#options;
    slots.planChanges(originUs + plan.nextUs);
  }

  #followPlan(nowUs: number): void {
    const { plan, slots, originUs } = this.#options;
    while (originUs + plan.nextUs <= nowUs) {
      const atUs = originUs + plan.nextUs;
      const { next, jumps } = plan;
      plan.advance();
      this.#tellEdge();
      if (next === 'up') {
        if (jumps) this.#jumpedTo = plan.planned;
        slots.planned(plan.planned - 1, atUs);
      } else {
        this.#giveUp(plan.planned, atUs);
      }
    }
  }

  #giveUp(slot: number, atUs: number): void {
    this.#jumpedTo = Math.min(this.#jumpedTo, slot);
    this.#next = Math.min(this.#next, slot);
    this.#resting.delete(slot);
    this.#awaited.delete(slot);
    const again = this.#again.indexOf(slot);
    if (again >= 0) this.#again.splice(again, 1);
    this.#options.slots.retired(slot, atUs);
  }

  get #schedule(): DialScheduleOptions {
    return this.#options.schedule;
  }

  get #dueUs(): number {
    return this.#options.originUs + dialDueUs(this.#next, this.#schedule);
  }

  /** A slot that is to be dialled, or the next to be planned, holds the deadline of the next pump. */
  #schedulePump(nowUs: number): void {
    if (this.#stopped) return;
    const { engine, plan, originUs } = this.#options;
    const [first] = this.#again;
    if (first !== undefined && this.#inProgress < this.#concurrentMax)
      engine.setDeadline(first, 'pace', nowUs);
    if (this.#next < plan.planned) {
      const paced = this.#schedule.ratePerSecond !== null;
      if (paced || this.#mayDial(nowUs)) engine.setDeadline(this.#next, 'pace', paced ? this.#dueUs : nowUs);
    } else if (plan.next === 'up' && plan.nextUs !== Infinity) {
      engine.setDeadline(plan.planned, 'pace', originUs + plan.nextUs);
    }
  }

  /** A planned rate does not wait for dials in progress; what is dialled again is outside of it. */
  get #concurrentMax(): number {
    return this.#options.concurrentDials;
  }

  #mayDial(nowUs: number): boolean {
    if (this.#schedule.ratePerSecond !== null) return this.#dueUs <= nowUs;
    return this.#next >= this.#jumpedTo || this.#inProgress < this.#concurrentMax;
  }
}

/** Dials that one turn of the loop starts; at some 60 us each they delay one another by half a millisecond. */
const DIALS_A_TURN_MAX = 8;
