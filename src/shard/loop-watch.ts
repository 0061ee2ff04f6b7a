import { performance } from 'node:perf_hooks';
import type { EngineName } from '../engine/engine.ts';
import { threadTimes, type ThreadTimes } from '../host/thread-times.ts';
import { LateGcWatch, ObservedGcWatch, type GcPauses, type GcWatch } from './gc-watch.ts';

/** How a shard's thread and loop fared in one interval: what the generator did, never the target. */
export interface LoopReading {
  /** Time that the thread ran on a processor, microseconds; null where the system does not tell, as the next. */
  cpuUs: number | null;
  /** Time that it could have run and had to wait for a processor that others used. */
  cpuWaitUs: number | null;
  /** Time in which the loop did not wait for anything to happen. */
  busyUs: number;
  /** How often the loop went round. */
  turns: number;
  /**
   * The longest time in which the loop did not come round although it should have, of those that reached into the
   * interval or whose backlog did: whole, since what was late because of it may be told in any of these intervals.
   */
  stallUs: number;
  gc: GcPauses;
}

/** Where a watch gets its readings from; tests give their own. */
export interface LoopSources {
  threadTimes: () => ThreadTimes | null;
  /** How often the loop has gone round, where that is not the number of calls to `turn`. */
  turns: (() => number) | null;
  gc: GcWatch;
}

/**
 * Watches the loop of one shard. `turn` is called once a loop and costs a few comparisons; everything else is read when
 * an interval ends.
 */
export class LoopWatch {
  readonly #sources: LoopSources;
  #turns: number = 0;
  #lastUs: number;
  /** The longest gap between two turns that the current interval has seen the end of. */
  #gapFromUs: number = 0;
  #gapToUs: number = 0;
  #taken: { cpu: ThreadTimes | null; busyUs: number; turns: number };

  /** @param nowUs when the loop begins; gaps are counted from here */
  constructor(nowUs: number, sources: LoopSources) {
    this.#sources = sources;
    this.#lastUs = nowUs;
    this.#taken = { cpu: sources.threadTimes(), busyUs: 0, turns: this.#turnsNow() };
  }

  /** The loop has come round. */
  turn(nowUs: number): void {
    this.#turns++;
    const gapUs = nowUs - this.#lastUs;
    this.#sources.gc.turn(nowUs, Math.max(0, gapUs - PLANNED_GAP_US));
    if (gapUs > this.#gapToUs - this.#gapFromUs) {
      this.#gapFromUs = this.#lastUs;
      this.#gapToUs = nowUs;
    }
    this.#lastUs = nowUs;
  }

  /**
   * What there is to say of the interval that ends at `endUs`, in the clock of `turn`. A gap that reaches beyond its
   * end, or nearly up to it, counts for the next interval too.
   * @param busyUs for how long the loop has been busy since it began
   */
  take(endUs: number, busyUs: number): LoopReading {
    const before = this.#taken;
    const cpu = this.#sources.threadTimes();
    this.#taken = { cpu, busyUs, turns: this.#turnsNow() };
    const known = cpu !== null && before.cpu !== null;
    const reading: LoopReading = {
      cpuUs: known ? cpu.cpuUs - before.cpu!.cpuUs : null,
      cpuWaitUs: known ? cpu.waitUs - before.cpu!.waitUs : null,
      busyUs: Math.max(0, busyUs - before.busyUs),
      turns: this.#taken.turns - before.turns,
      stallUs: Math.max(0, this.#gapToUs - this.#gapFromUs - PLANNED_GAP_US),
      gc: this.#sources.gc.take(),
    };
    if (this.#gapToUs + BACKLOG_US <= endUs) {
      this.#gapFromUs = 0;
      this.#gapToUs = 0;
    }
    return reading;
  }

  /** Measures no more. */
  stop(): void {
    this.#sources.gc.stop();
  }

  #turnsNow(): number {
    return this.#sources.turns?.() ?? this.#turns;
  }
}

/** The calling thread's own sources for the loop of an engine, which begins at `nowUs`. */
export function loopSources(engine: EngineName, nowUs: number): LoopSources {
  return {
    threadTimes: () => threadTimes(),
    turns: engine === 'node' ? () => performance.nodeTiming.uvMetricsInfo.loopCount : null,
    gc: engine === 'node' ? new ObservedGcWatch() : new LateGcWatch(nowUs),
  };
}

/** Both engines come round at least this often, so a gap is only what goes beyond. */
const PLANNED_GAP_US = 10_000;
/** What a stall left undone is sent at once, and answered by then. */
const BACKLOG_US = 100_000;
