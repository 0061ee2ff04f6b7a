import type { MessagePort } from 'node:worker_threads';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { createEncoder } from '../framing/encoder.ts';
import { Meter, transferables } from '../measure/meter.ts';
import { Dialer } from '../session/dialer.ts';
import { Lives, type SessionEnd } from '../session/lives.ts';
import { createSessionContext, type SessionContext } from '../session/session-context.ts';
import type { SessionPlan } from '../session/session-plan.ts';
import { SessionTable } from '../session/session-table.ts';
import { Session } from '../session/session.ts';
import { Control } from './control.ts';
import { IntervalClock, type EndedInterval } from './interval-clock.ts';
import { LoopWatch, loopSources, type LoopReading } from './loop-watch.ts';
import type { FinishedMessage, IntervalMessage, ShardTask } from './messages.ts';
import { connectionAt, connectionPlan, type ShardPlan } from './shard-plan.ts';

/**
 * One worker's slice of a run: dials its connections, lets their sessions live, ships a snapshot an interval, and
 * ends when the plan is over, when it is told to drain, or when every session has ended.
 */
export class Shard {
  readonly #plan: ShardPlan;
  readonly #port: MessagePort;
  readonly #control: Control;
  readonly #originUs: number;
  readonly #meter: Meter;
  readonly #table: SessionTable;
  readonly #engine: Engine;
  readonly #context: SessionContext;
  readonly #dialer: Dialer;
  readonly #intervals: IntervalClock;
  readonly #watch: LoopWatch;
  /** When the loop began, in monotonic microseconds. */
  #loopStartUs: number = 0;
  #stage: 'sending' | 'draining' | 'finishing' | 'finished' = 'sending';
  #sessions: number = 0;
  /** The options of the first socket that connected, as the kernel has them. */
  #socketFacts: Record<string, number | string> | null = null;
  readonly #lives: Lives;
  #drainEndUs: number = Infinity;
  /** Until when frames were sent, since the run's start. */
  #sentUntilUs: number = 0;

  constructor(task: ShardTask, originUs: number) {
    const { plan } = task;
    this.#plan = plan;
    this.#port = task.port;
    this.#control = new Control(task.control);
    this.#originUs = originUs;
    this.#meter = new Meter(plan.session.addresses.length);
    this.#intervals = new IntervalClock(plan.session);
    this.#lives = new Lives(plan.session, plan.connections, this.#meter.counters);
    this.#watch = new LoopWatch(originUs, loopSources(plan.engine));
    this.#table = new SessionTable({
      connections: plan.connections,
      owner: { tick: (nowUs) => this.#tick(nowUs), ownerExpired: (nowUs) => this.#tick(nowUs) },
      dialDue: (slot) => this.#dialer.due(slot),
    });
    const outboxBytes = outboxBytesFor(plan.session);
    this.#engine = createEngine(plan.engine, { slots: plan.connections + 1, outboxBytes }, this.#table);
    this.#context = createSessionContext({
      plan: plan.session,
      engine: this.#engine,
      meter: this.#meter,
      slots: plan.connections,
      originUs,
      connected: (slot) => (this.#socketFacts ??= this.#engine.socketFacts(slot)),
      localLimitReached: () => this.#dialer.reachLimit(),
      dialEnded: () => this.#dialer.dialEnded(),
      sessionEnded: (slot, end) => this.#sessionEnded(slot, end),
    });
    this.#dialer = new Dialer({
      engine: this.#engine,
      connections: plan.connections,
      plan: connectionPlan(plan),
      schedule: plan.dial.schedule,
      concurrentDials: plan.dial.concurrentDials,
      originUs,
      untilUs: originUs + plan.session.durationUs,
      slots: {
        dial: (slot) => this.#dial(slot),
        occupied: (slot) => this.#table.get(slot) !== null,
        planned: (slot, atUs) => this.#context.arrivals?.skip(slot, connectionAt(plan, slot), atUs),
        retired: (slot, atUs) => this.#retire(slot, atUs),
      },
    });
  }

  /** Runs from the common start until every session has ended, and ships the last interval and the end. */
  async run(): Promise<void> {
    this.#engine.setDeadline(this.#table.ownerSlot, 'write', this.#originUs);
    this.#loopStartUs = this.#engine.nowUs();
    await this.#engine.run();
    const loopUtilization = this.#engine.utilization;
    const endUs = this.#elapsedUs();
    this.#countUnsent();
    this.#shipInterval(endUs);
    this.#watch.stop();
    const neverDialled = this.#dialer.waiting;
    this.#port.postMessage({
      type: 'finished',
      endUs,
      neverDialled,
      loopUtilization,
      socket: this.#socketFacts,
    } satisfies FinishedMessage);
  }

  /** The loop's regular visit: everything here compares the time with what is due. */
  #tick(nowUs: number): void {
    const elapsedUs = nowUs - this.#originUs;
    if (elapsedUs < 0 || this.#stage === 'finished') return;
    this.#watch.turn(nowUs);
    const mayDial = this.#stage === 'sending' && this.#control.command === 'run';
    if (mayDial && this.#sessions === 0) this.#dialer.pump();
    else if (mayDial) this.#dialer.tick(nowUs);
    // A loop that was held up over several ends ships them one by one, so that all shards number them alike.
    while (elapsedUs >= this.#intervals.endUs) this.#shipInterval(this.#intervals.endUs);
    const planEnded = elapsedUs >= this.#plan.session.durationUs;
    if (this.#stage === 'sending' && (planEnded || this.#control.command === 'drain')) this.#drain(nowUs);
    if (this.#stage === 'draining' && nowUs >= this.#drainEndUs) this.#finish();
    if (this.#sessions === 0 && (this.#stage !== 'sending' || !this.#dialer.pending)) this.#stop();
    else this.#engine.setDeadline(this.#table.ownerSlot, 'pace', this.#originUs + this.#intervals.endUs);
  }

  #dial(slot: number): void {
    const session = new Session(this.#context, {
      slot,
      connection: connectionAt(this.#plan, slot),
      life: this.#lives.begin(slot),
    });
    this.#table.put(slot, session);
    this.#sessions++;
    session.dial();
  }

  #sessionEnded(slot: number, end: SessionEnd): void {
    this.#table.remove(slot);
    this.#sessions--;
    if (this.#stage === 'sending' && this.#dialer.plans(slot) && !this.#dialer.takesUp(slot)) {
      const pauseUs = this.#lives.ended(slot, connectionAt(this.#plan, slot), end);
      if (pauseUs !== null) this.#dialer.redial(slot, pauseUs);
    }
    // The loop is not stopped from inside an event: the next tick, which may come at once, sees that none is left.
    if (this.#sessions === 0) this.#engine.setDeadline(this.#table.ownerSlot, 'write', this.#engine.nowUs());
  }

  /** The plan has one connection less since `atUs`. */
  #retire(slot: number, atUs: number): void {
    this.#table.get(slot)?.drain('plan', atUs);
    this.#context.arrivals?.settle(slot, connectionAt(this.#plan, slot), atUs);
  }

  #drain(nowUs: number): void {
    const elapsedUs = Math.min(nowUs - this.#originUs, this.#plan.session.durationUs);
    this.#stage = 'draining';
    this.#drainEndUs = nowUs + this.#plan.drainUs;
    if (elapsedUs < this.#plan.session.durationUs) {
      this.#shipInterval(elapsedUs);
      this.#intervals.endSending(elapsedUs);
    }
    this.#dialer.stop();
    this.#table.forEach((session) => session.drain());
    this.#sentUntilUs = Math.min(this.#elapsedUs(), this.#plan.session.durationUs);
  }

  /** Counted when all is over, so that no reply has to wait for it. */
  #countUnsent(): void {
    const untilUs = this.#originUs + this.#sentUntilUs;
    for (let slot = 0; slot < this.#plan.connections; slot++) {
      if (!this.#dialer.plans(slot)) continue;
      this.#context.arrivals?.settle(slot, connectionAt(this.#plan, slot), untilUs);
    }
  }

  #finish(): void {
    this.#stage = 'finishing';
    this.#table.forEach((session) => session.finish());
  }

  #stop(): void {
    if (this.#stage === 'sending')
      this.#sentUntilUs = Math.min(this.#elapsedUs(), this.#plan.session.durationUs);
    this.#stage = 'finished';
    this.#engine.stop();
  }

  #elapsedUs(): number {
    return this.#engine.nowUs() - this.#originUs;
  }

  #shipInterval(elapsedUs: number): void {
    const snapshot = this.#meter.snapshot();
    const interval = this.#intervals.cut(elapsedUs);
    const loop = this.#readLoop(interval);
    const message: IntervalMessage = { type: 'interval', ...interval, snapshot, loop };
    this.#port.postMessage(message, transferables(snapshot));
  }

  #readLoop({ startUs, endUs }: EndedInterval): LoopReading {
    const busyUs = this.#engine.utilization * (this.#engine.nowUs() - this.#loopStartUs);
    return this.#watch.take(this.#originUs + startUs, this.#originUs + endUs, busyUs);
  }
}

/** The outbox holds the largest single send: a whole frame, or the preface; small frames go out many at a time. */
function outboxBytesFor(plan: SessionPlan): number {
  const { size, message } = plan.payload;
  const heartbeatBytes = plan.heartbeat?.payload?.length ?? 0;
  const payloadBytes = Math.max(message?.length ?? size?.maxBytes ?? 0, heartbeatBytes);
  const encoder = createEncoder(plan.frame.format, plan.frame.header);
  return Math.max(OUTBOX_BYTES_MIN, encoder.frameBytes(payloadBytes), plan.preface.send?.length ?? 0);
}

/** So many bytes of small frames may leave in one system call. */
const OUTBOX_BYTES_MIN = 65_536;
