import type { MessagePort } from 'node:worker_threads';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { createEncoder } from '../framing/encoder.ts';
import { newSlotMemory, type SlotMemory } from '../session/session-context.ts';
import type { SessionPlan } from '../session/session-plan.ts';
import { SessionTable } from '../session/session-table.ts';
import { Cohort } from './cohort.ts';
import { Control } from './control.ts';
import { IntervalClock, type EndedInterval } from './interval-clock.ts';
import { LoopWatch, loopSources, type LoopReading } from './loop-watch.ts';
import type { FinishedMessage, IntervalMessage, ShardTask } from './messages.ts';
import type { ShardPlan } from './shard-plan.ts';
import { Steering } from './steering.ts';

/**
 * One worker's slice of a run: dials its connections, lets their sessions live, ships a snapshot an interval, and
 * ends when the plan is over, when it is told to drain, or when every session has ended. What the connections of a
 * cohort share is the cohort's (cohort.ts); the engine, the intervals and the run's stages are the shard's.
 */
export class Shard {
  readonly #plan: ShardPlan;
  readonly #port: MessagePort;
  readonly #control: Control;
  readonly #originUs: number;
  readonly #table: SessionTable;
  readonly #engine: Engine;
  readonly #memory: SlotMemory;
  readonly #cohorts: readonly Cohort[];
  readonly #steering: Steering;
  readonly #intervals: IntervalClock;
  readonly #watch: LoopWatch;
  /** When the loop began, in monotonic microseconds. */
  #loopStartUs: number = 0;
  /** The deadline that wakes the loop for the end of an interval. */
  #wakeUs: number = 0;
  #stage: 'sending' | 'draining' | 'finished' = 'sending';
  /** Until when frames were sent, since the run's start. */
  #sentUntilUs: number = 0;

  constructor(task: ShardTask, originUs: number) {
    const { plan } = task;
    this.#plan = plan;
    this.#port = task.port;
    this.#control = new Control(task.control);
    this.#originUs = originUs;
    this.#intervals = new IntervalClock(plan);
    this.#watch = new LoopWatch(originUs, loopSources(plan.engine, originUs));
    const connections = plan.cohorts.reduce((sum, cohort) => sum + cohort.connections, 0);
    this.#table = new SessionTable({
      connections,
      owner: { tick: (nowUs) => this.#tick(nowUs), ownerExpired: (nowUs) => this.#tick(nowUs) },
      dialDue: (slot) => this.#cohorts.find((cohort) => cohort.holds(slot))?.dialDue(slot),
    });
    const outboxBytes = Math.max(...plan.cohorts.map(({ session }) => outboxBytesFor(session)));
    this.#engine = createEngine(plan.engine, { slots: connections + 1, outboxBytes }, this.#table);
    this.#memory = newSlotMemory(connections);
    this.#cohorts = this.#createCohorts();
    this.#steering = new Steering(this.#control, this.#cohorts);
  }

  /** Runs from the common start until every session has ended, and ships the last interval and the end. */
  async run(): Promise<void> {
    this.#engine.setDeadline(this.#table.ownerSlot, 'write', this.#originUs);
    this.#loopStartUs = this.#engine.nowUs();
    await this.#engine.run();
    const loopUtilization = this.#engine.utilization;
    const endUs = this.#elapsedUs();
    const cohorts = this.#cohorts.map((cohort) => cohort.end(this.#sentUntilUs));
    this.#shipInterval(endUs);
    this.#watch.stop();
    this.#port.postMessage({ type: 'finished', endUs, loopUtilization, cohorts } satisfies FinishedMessage);
  }

  #createCohorts(): Cohort[] {
    const setting = {
      engine: this.#engine,
      table: this.#table,
      memory: this.#memory,
      originUs: this.#originUs,
      emptied: () => this.#cohortEmptied(),
    };
    let firstSlot = 0;
    return this.#plan.cohorts.map((plan) => {
      const cohort = new Cohort(plan, firstSlot, setting);
      firstSlot += plan.connections;
      return cohort;
    });
  }

  /** The loop's regular visit: everything here compares the time with what is due. */
  #tick(nowUs: number): void {
    const elapsedUs = nowUs - this.#originUs;
    if (elapsedUs < 0 || this.#stage === 'finished') return;
    this.#watch.turn(nowUs);
    if (this.#stage === 'sending' && this.#control.command === 'run') this.#tendDials(nowUs);
    // A loop that was held up over several ends ships them one by one, so that all shards number them alike.
    while (elapsedUs >= this.#intervals.endUs) this.#shipInterval(this.#intervals.endUs);
    const planEnded = elapsedUs >= this.#plan.durationUs;
    if (this.#stage === 'sending' && (planEnded || this.#control.command === 'drain')) this.#drain();
    for (const cohort of this.#cohorts) cohort.finishWhenDue(nowUs);
    if (this.#sessions === 0 && (this.#stage !== 'sending' || !this.#pending)) this.#stop();
    else this.#wakeAt(this.#originUs + this.#intervals.endUs);
  }

  /** Nothing is set anew while it stays as it is, which it does for all but one turn an interval. */
  #wakeAt(atUs: number): void {
    if (atUs === this.#wakeUs) return;
    this.#wakeUs = atUs;
    this.#engine.setDeadline(this.#table.ownerSlot, 'pace', atUs);
  }

  #tendDials(nowUs: number): void {
    this.#steering.follow(nowUs);
    for (const cohort of this.#cohorts) cohort.tendDials(nowUs);
  }

  /** The loop is not stopped from inside an event: the next tick, which may come at once, sees that none is left. */
  #cohortEmptied(): void {
    if (this.#sessions > 0) return;
    this.#engine.setDeadline(this.#table.ownerSlot, 'write', this.#engine.nowUs());
  }

  /** Sending ends now, by a new reading of the clock: frames that were due since the turn began may have been sent. */
  #drain(): void {
    const nowUs = this.#engine.nowUs();
    const elapsedUs = Math.min(nowUs - this.#originUs, this.#plan.durationUs);
    this.#stage = 'draining';
    if (elapsedUs < this.#plan.durationUs) {
      while (elapsedUs >= this.#intervals.endUs) this.#shipInterval(this.#intervals.endUs);
      this.#shipInterval(elapsedUs);
      this.#intervals.endSending(elapsedUs);
    }
    for (const cohort of this.#cohorts) cohort.drain(nowUs);
    this.#sentUntilUs = elapsedUs;
  }

  #stop(): void {
    if (this.#stage === 'sending') this.#sentUntilUs = Math.min(this.#elapsedUs(), this.#plan.durationUs);
    this.#stage = 'finished';
    this.#engine.stop();
  }

  get #sessions(): number {
    let sessions = 0;
    for (const cohort of this.#cohorts) sessions += cohort.sessions;
    return sessions;
  }

  get #pending(): boolean {
    return this.#cohorts.some((cohort) => cohort.pending);
  }

  #elapsedUs(): number {
    return this.#engine.nowUs() - this.#originUs;
  }

  #shipInterval(elapsedUs: number): void {
    const snapshots = this.#cohorts.map(({ meter }) => meter.snapshot());
    const interval = this.#intervals.cut(elapsedUs);
    const loop = this.#readLoop(interval);
    const message: IntervalMessage = { type: 'interval', ...interval, snapshots, loop };
    // Copied, not handed over: once a thread has given a buffer away, V8 throws its code out and from then on looks at
    // every access to a typed array whether the array still has its memory.
    this.#port.postMessage(message);
    this.#memory.ages.advance(this.#engine.nowUs());
  }

  #readLoop({ endUs }: EndedInterval): LoopReading {
    const busyUs = this.#engine.utilization * (this.#engine.nowUs() - this.#loopStartUs);
    return this.#watch.take(this.#originUs + endUs, busyUs);
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
