import type { Engine } from '../engine/engine.ts';
import { COUNTER } from '../measure/counters.ts';
import { Meter } from '../measure/meter.ts';
import { Dialer } from '../session/dialer.ts';
import { createSessionContext, type SessionContext, type SlotMemory } from '../session/session-context.ts';
import type { SessionTable } from '../session/session-table.ts';
import { Session } from '../session/session.ts';
import type { CohortEnd } from './messages.ts';
import { connectionAt, plannedFrames } from './planned-frames.ts';
import type { CohortPlan } from './shard-plan.ts';

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
  /** 1 while the connection is up, or was before it ended. */
  readonly #connected: Uint8Array;
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
    this.#connected = new Uint8Array(plan.connections);
    this.#context = createSessionContext({
      plan: plan.session,
      engine,
      meter: this.meter,
      memory,
      originUs,
      connected: (slot) => this.#sessionConnected(slot),
      localLimitReached: () => this.#dialer.reachLimit(),
      dialEnded: () => this.#dialer.dialEnded(),
      sessionEnded: (slot) => this.#sessionEnded(slot),
    });
    this.#dialer = new Dialer({
      engine: {
        nowUs: () => engine.nowUs(),
        setDeadline: (at, timer, atUs) => engine.setDeadline(firstSlot + at, timer, atUs),
      },
      connections: plan.connections,
      schedule: plan.dial.schedule,
      concurrentDials: plan.dial.concurrentDials,
      originUs,
      untilUs: originUs + plan.session.durationUs,
      dial: (at) => this.#dial(at),
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

  /** Starts the dials that are due. */
  pump(): void {
    this.#dialer.pump();
  }

  /** Nothing new is dialled or sent from now on; sessions end as soon as nothing is owed to them. */
  drain(nowUs: number): void {
    this.#sending = false;
    this.#drainEndUs = nowUs + this.plan.drainUs;
    this.#dialer.stop();
    this.#forEach((session) => session.drain(nowUs));
  }

  /** Ends the drain once it has lasted as long as the plan allows. */
  finishWhenDue(nowUs: number): void {
    if (this.#finished || nowUs < this.#drainEndUs) return;
    this.#finished = true;
    this.#forEach((session) => session.finish());
  }

  /** The last word; what was due by the plan and never sent is counted now, so that no reply has to wait for it. */
  end(sentUntilUs: number): CohortEnd {
    const { counters } = this.meter;
    const planned = plannedFrames(this.plan, this.#setting.originUs, sentUntilUs);
    counters[COUNTER.framesUnsent] = Math.max(0, planned - counters[COUNTER.framesSent]!);
    return { neverDialled: this.#dialer.waiting, socket: this.#socketFacts };
  }

  #dial(at: number): void {
    const slot = this.#firstSlot + at;
    const connection = connectionAt(this.plan, at);
    const session = new Session(this.#context, { slot, connection });
    this.#setting.table.put(slot, session);
    this.#sessions++;
    session.dial();
  }

  #sessionConnected(slot: number): void {
    this.#connected[slot - this.#firstSlot] = 1;
    this.#socketFacts ??= this.#setting.engine.socketFacts(slot);
  }

  #sessionEnded(slot: number): void {
    this.#setting.table.remove(slot);
    this.#sessions--;
    const at = slot - this.#firstSlot;
    if (this.plan.session.reconnect === 'immediate' && this.#sending) {
      this.#dialer.redial(at, this.#connected[at] === 1);
    }
    this.#connected[at] = 0;
    if (this.#sessions === 0) this.#setting.emptied();
  }

  #forEach(visit: (session: Session) => void): void {
    this.#setting.table.forEach(this.#firstSlot, this.plan.connections, visit);
  }
}
