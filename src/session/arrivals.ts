import { present } from '../base/assert.ts';
import { COUNTER, type Counters, type UnsentCause } from '../measure/counters.ts';
import { closedSchedule } from '../schedule/closed-schedule.ts';
import type { FrameSchedule } from '../schedule/frame-schedule.ts';
import { OpenSchedule } from '../schedule/open-schedule.ts';
import { RateCurve } from '../schedule/rate-curve.ts';
import { listens, type LoadPlan, type SessionPlan } from './session-plan.ts';
import { NEXT_DUE, SLOT_TIMES } from './slot-times.ts';

/**
 * The open model's frames of a cohort in one shard: the curve that all connections share, the schedule of each, which outlives its
 * sessions, and the account of what was due and not sent.
 *
 * Invariant: of each slot, frames due before its schedule's next one were sent, are counted as unsent, or fell
 * into a time in which the plan had no connection there.
 */
export class Arrivals {
  readonly #curve: RateCurve;
  readonly #options: ArrivalsOptions;
  readonly #firstSlot: number;
  readonly #schedules: (OpenSchedule | null)[];
  readonly #causes: UnsentCause[];

  constructor(options: ArrivalsOptions) {
    const { originUs, load, slots } = options;
    this.#firstSlot = slots.first;
    this.#options = options;
    this.#curve = new RateCurve({
      originUs,
      ratePerSecond: load.totalRatePerSecond,
      stages: load.stages ?? [],
    });
    this.#schedules = Array.from({ length: slots.count }, () => null);
    this.#causes = Array.from({ length: slots.count }, () => 'connecting');
  }

  /**
   * The schedule of a connection that is open at `nowUs`. What was due while the plan's dial was under way waited for
   * it, no longer than a dial may take; what was due in place of a connection that had ended is unsent.
   */
  open(slot: number, connection: number, nowUs: number): OpenSchedule {
    const waited = this.#causes[slot - this.#firstSlot] === 'connecting';
    this.settle(slot, connection, waited ? nowUs - this.#options.patienceUs : nowUs);
    return this.#schedule(slot, connection);
  }

  /** From now on the frames of `slot` that are due are not sent, and this is why. */
  hold(slot: number, cause: UnsentCause): void {
    this.#causes[slot - this.#firstSlot] = cause;
  }

  /** Frames of a send that was given up had been taken for sent and were not begun. */
  takeBack(frames: number, cause: UnsentCause): void {
    this.#count(cause, frames);
  }

  /** Counts as unsent what was due on `slot` before `untilUs` and is not sent. */
  settle(slot: number, connection: number, untilUs: number): void {
    const frames = this.#schedule(slot, connection).skipTo(untilUs);
    this.#count(this.#causes[slot - this.#firstSlot] ?? 'connecting', frames);
  }

  /** The plan has no connection in `slot` before `fromUs`: what was due until then was never wanted. */
  skip(slot: number, connection: number, fromUs: number): void {
    this.#schedule(slot, connection).skipTo(fromUs);
    this.#causes[slot - this.#firstSlot] = 'connecting';
  }

  /**
   * From `atUs` on the rate is constant. Every shard must be given the same time, and one that is still to come: frames
   * sent since then would be sent at the old rate. Each open session must `pump` afterwards.
   * @param ratePerSecond frames a second over all connections; 0 pauses
   */
  changeRate(atUs: number, ratePerSecond: number): void {
    this.#curve.changeAt(atUs, ratePerSecond);
    for (const schedule of this.#schedules) schedule?.revise();
  }

  #schedule(slot: number, connection: number): OpenSchedule {
    const at = slot - this.#firstSlot;
    const known = this.#schedules[at] ?? null;
    if (known !== null) return known;
    const { load, seed, connections, firstConnection = 0 } = this.#options;
    const arrivals = load.arrivals ?? 'constant';
    // Cohorts that drew from the same sequences would send in step.
    const stream = firstConnection + connection;
    const schedule = new OpenSchedule({
      curve: this.#curve,
      arrivals,
      seed,
      connection,
      connections,
      stream,
    });
    this.#schedules[at] = schedule;
    return schedule;
  }

  #count(cause: UnsentCause, frames: number): void {
    const { counters } = this.#options;
    counters[COUNTER.framesUnsent]! += frames;
    counters[COUNTER[`unsent:${cause}`]]! += frames;
  }
}

/** Slots of the engine that belong together. */
export interface SlotRange {
  first: number;
  count: number;
}

export interface ArrivalsOptions {
  load: Extract<LoadPlan, { model: 'open' }>;
  /** When the run's plan begins, in monotonic microseconds. */
  originUs: number;
  /** How long a frame may wait for the plan's dial of its connection. */
  patienceUs: number;
  seed: number;
  /** Connections of the cohort in all shards. */
  connections: number;
  /** The cohort's first among all connections of the run. @default 0 */
  firstConnection?: number;
  slots: SlotRange;
  counters: Counters;
}

/** The open model's frames; null in the closed model, which owes nothing. */
export function createArrivals(
  plan: SessionPlan,
  options: Pick<ArrivalsOptions, 'originUs' | 'slots' | 'counters'>,
): Arrivals | null {
  const { load, seed, connections, firstConnection, timeouts } = plan;
  if (load.model === 'closed') return null;
  const patienceUs = timeouts.connectUs;
  return new Arrivals({ ...options, load, seed, connections, firstConnection, patienceUs });
}

/** The schedule of a connection that is open at `nowUs`, in either model. */
export function frameSchedule(
  { plan, arrivals, slotTimes }: { plan: SessionPlan; arrivals: Arrivals | null; slotTimes: Float64Array },
  slot: number,
  connection: number,
  nowUs: number,
): FrameSchedule {
  if (plan.load.model === 'open')
    return present(arrivals, 'arrivals of the open model').open(slot, connection, nowUs);
  // A connection that only listens has no frame that would ever be due.
  const startUs = listens(plan.load) ? Infinity : nowUs;
  const { window, thinkUs } = plan.load;
  return closedSchedule({ window, thinkUs, startUs }, { times: slotTimes, at: slot * SLOT_TIMES + NEXT_DUE });
}
