import type { Engine } from '../engine/engine.ts';
import { Meter } from '../measure/meter.ts';
import { Dialer } from '../session/dialer.ts';
import { Lives, type SessionEnd } from '../session/lives.ts';
import { createSessionContext, type SessionContext, type SlotMemory } from '../session/session-context.ts';
import type { SessionTable } from '../session/session-table.ts';
import { Session } from '../session/session.ts';
import type { LiveChange } from './control.ts';
import type { CohortEnd } from './messages.ts';
import { connectionAt, connectionPlan, type CohortPlan } from './shard-plan.ts';

/** What the cohorts of a shard have in common. */
export interface CohortSetting {
  engine: Engine;
  table: SessionTable;
  /** State of every slot of the shard. */
  memory: SlotMemory;
  originUs: number;
  /** The last session of one of the shard's cohorts has ended. */
  emptied: () => void;
}

/**
 * A shard's part of one cohort: its connections, which have the engine's slots from `firstSlot` on, and all that only
 * they share: the context of their sessions, their dialer and their meter.
 */
export class Cohort {
  readonly plan: CohortPlan;
  readonly meter: Meter;
  readonly #firstSlot: number;
  readonly #setting: CohortSetting;
  readonly #context: SessionContext;
  readonly #dialer: Dialer;
  readonly #lives: Lives;
  /** The options of the first socket that connected, as the kernel has them. */
  #socketFacts: Record<string, number | string> | null = null;
  #sessions: number = 0;
  #sending: boolean = true;
  #finished: boolean = false;
  #drainEndUs: number = Infinity;

  constructor(plan: CohortPlan, firstSlot: number, setting: CohortSetting) {
    const { engine, memory, originUs } = setting;
    this.plan = plan;
    this.#firstSlot = firstSlot;
    this.#setting = setting;
    this.meter = new Meter(plan.session.addresses.length);
    this.#lives = new Lives(plan.session, plan.connections, this.meter.counters);
    this.#context = createSessionContext({
      plan: plan.session,
      engine,
      meter: this.meter,
      memory,
      slots: { first: firstSlot, count: plan.connections },
      originUs,
      followPlan: (nowUs) => this.#dialer.follow(nowUs),
      connected: (slot) => this.#connected(slot),
      localLimitReached: () => this.#dialer.reachLimit(),
      dialEnded: () => this.#dialer.dialEnded(),
      sessionEnded: (slot, end) => this.#sessionEnded(slot, end),
    });
    this.#dialer = new Dialer({
      engine: {
        nowUs: () => engine.nowUs(),
        setDeadline: (at, timer, atUs) => engine.setDeadline(firstSlot + at, timer, atUs),
      },
      connections: plan.connections,
      plan: connectionPlan(plan),
      schedule: plan.dial.schedule,
      concurrentDials: plan.dial.concurrentDials,
      originUs,
      untilUs: originUs + plan.session.durationUs,
      slots: {
        dial: (at) => this.#dial(at),
        occupied: (at) => setting.table.get(firstSlot + at) !== null,
        planned: (at, atUs) => this.#context.arrivals?.skip(firstSlot + at, connectionAt(plan, at), atUs),
        denied: (at) => this.#deny(at),
        retired: (at, atUs) => this.#retire(at, atUs),
        planChanges: (atUs) => (this.#context.planEdgeUs = atUs),
      },
    });
  }

  /** Whether `slot` is one of this cohort's. */
  holds(slot: number): boolean {
    return slot >= this.#firstSlot && slot < this.#firstSlot + this.plan.connections;
  }

  /** Sessions that have not ended. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Whether a dial is still to come. */
  get pending(): boolean {
    return this.#dialer.pending;
  }

  /** A deadline of a slot without a session has passed: its dial may be due. */
  dialDue(slot: number): void {
    this.#dialer.due(slot - this.#firstSlot);
  }

  /** The loop's regular visit: dials that end start others, and a cohort without a session has none that could. */
  tendDials(nowUs: number): void {
    if (this.#sessions === 0) this.#dialer.pump();
    else this.#dialer.tick(nowUs);
  }

  /** From `atUs` on something is different, as `tidemark ctl` asked. */
  change({ kind, atUs, value }: LiveChange, nowUs: number): void {
    if (kind === 'connections') return this.#dialer.changeAt(atUs, value);
    if (kind === 'rate') this.#context.arrivals?.changeRate(atUs, value);
    else this.#context.held = value !== 0;
    this.#forEach((session) => session.pump(nowUs));
  }

  /** Nothing new is dialled or sent from now on; sessions end as soon as nothing is owed to them. */
  drain(nowUs: number): void {
    this.#sending = false;
    this.#drainEndUs = nowUs + this.plan.drainUs;
    this.#dialer.follow(nowUs);
    // What was planned for later is no part of a run that ends early, however long its drain goes on.
    this.#context.planEdgeUs = Infinity;
    this.#dialer.stop();
    // To close thousands of connections takes milliseconds, and the last frames of the plan are not to wait for it.
    this.#forEach((session) => session.pump(this.#setting.engine.nowUs(), nowUs));
    this.#forEach((session) => session.drain());
  }

  /** Ends the drain once it has lasted as long as the plan allows. */
  finishWhenDue(nowUs: number): void {
    if (this.#finished || nowUs < this.#drainEndUs) return;
    this.#finished = true;
    this.#forEach((session) => session.finish());
  }

  /** The last word; what was due by the plan and never sent is counted now, so that no reply has to wait for it. */
  end(sentUntilUs: number): CohortEnd {
    const untilUs = this.#setting.originUs + sentUntilUs;
    for (let at = 0; at < this.plan.connections; at++) {
      if (this.#dialer.plans(at)) this.#settle(at, untilUs);
    }
    return { neverDialled: this.#dialer.waiting, socket: this.#socketFacts };
  }

  #dial(at: number): void {
    const slot = this.#firstSlot + at;
    const session = new Session(this.#context, {
      slot,
      connection: connectionAt(this.plan, at),
      life: this.#lives.begin(at),
    });
    this.#setting.table.put(slot, session);
    this.#sessions++;
    session.dial();
  }

  /** The plan has one connection less since `atUs`. */
  #retire(at: number, atUs: number): void {
    this.#setting.table.get(this.#firstSlot + at)?.drain('plan', atUs);
    this.#settle(at, atUs);
  }

  /** What is due from now on in the place of a connection that is not dialled is the generator's doing. */
  #deny(at: number): void {
    this.#settle(at, this.#setting.engine.nowUs());
    this.#context.arrivals?.hold(this.#firstSlot + at, 'generator');
  }

  #settle(at: number, untilUs: number): void {
    this.#context.arrivals?.settle(this.#firstSlot + at, connectionAt(this.plan, at), untilUs);
  }

  #connected(slot: number): void {
    const { engine, memory } = this.#setting;
    memory.ages.opened(slot, engine.nowUs());
    this.#socketFacts ??= engine.socketFacts(slot);
  }

  #sessionEnded(slot: number, end: SessionEnd): void {
    this.#setting.table.remove(slot);
    this.#setting.memory.ages.ended(slot);
    this.#sessions--;
    const at = slot - this.#firstSlot;
    if (this.#sending && this.#dialer.plans(at) && !this.#dialer.takesUp(at)) {
      const pauseUs = this.#lives.ended(at, connectionAt(this.plan, at), end);
      if (pauseUs !== null) this.#dialer.redial(at, pauseUs);
    }
    if (this.#sessions === 0) this.#setting.emptied();
  }

  #forEach(visit: (session: Session) => void): void {
    this.#setting.table.forEach(this.#firstSlot, this.plan.connections, visit);
  }
}
