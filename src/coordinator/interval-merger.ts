import { addCounters, COUNTER, newCounters, type Counters } from '../measure/counters.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import type { IntervalPhase } from '../schedule/interval-schedule.ts';
import type { LoopReading } from '../shard/loop-watch.ts';
import type { IntervalMessage } from '../shard/messages.ts';
import type { IntervalHealth } from '../store/health-summary.ts';

/** One interval of the whole run. */
export interface MergedInterval {
  index: number;
  startUs: number;
  endUs: number;
  phase: IntervalPhase;
  /** What was counted in it; `openNow` is the change, the gauge stands in `totals`. */
  counters: Counters;
  /** What was counted up to its end. */
  totals: Counters;
  /** The most connections open in it: each shard's own most, added up. */
  openMax: number;
  /** Its times. Valid until the next interval is merged. */
  histograms: HistogramSet;
  /** How the shards' loops fared in it, by shard. */
  loops: Map<number, LoopReading>;
  /** What the signals say of it; null outside of the measured time, and before it was judged. */
  health: IntervalHealth | null;
}

/**
 * Joins the shards' intervals of the same number and hands them on in order, each when every shard that still runs
 * has delivered it. A shard that falls behind by more than `LATE_INTERVALS_MAX` no longer holds up the others: what it
 * delivers late is counted into the interval that is then merged next, so nothing is lost.
 */
export class IntervalMerger {
  readonly #delivered: number[];
  readonly #last: Counters[];
  readonly #pending = new Map<number, MergedInterval>();
  readonly #totals: Counters = newCounters();
  readonly #onMerged: (interval: MergedInterval) => void;
  #next: number = 0;

  constructor(shards: number, onMerged: (interval: MergedInterval) => void) {
    this.#delivered = Array.from({ length: shards }, () => 0);
    this.#last = Array.from({ length: shards }, newCounters);
    this.#onMerged = onMerged;
  }

  /** Takes the next interval of a shard. */
  add(shard: number, message: IntervalMessage): void {
    const interval = this.#pendingAt(Math.max(message.index, this.#next), message);
    const { counters, histograms, openMax } = message.snapshot;
    const last = this.#last[shard] ?? newCounters();
    for (let i = 0; i < counters.length; i++) interval.counters[i]! += counters[i]! - last[i]!;
    interval.histograms.add(histograms);
    interval.openMax += openMax;
    interval.loops.set(shard, message.loop);
    interval.endUs = Math.max(interval.endUs, message.endUs);
    this.#last[shard] = counters;
    this.#delivered[shard] = message.index + 1;
    this.#flush();
  }

  /** The shard will deliver nothing more. */
  end(shard: number): void {
    this.#delivered[shard] = Infinity;
    this.#flush();
  }

  #pendingAt(index: number, { startUs, endUs, phase }: IntervalMessage): MergedInterval {
    const known = this.#pending.get(index);
    if (known !== undefined) return known;
    const fresh: MergedInterval = {
      index,
      startUs,
      endUs,
      phase,
      counters: newCounters(),
      totals: this.#totals,
      openMax: 0,
      histograms: new HistogramSet(),
      loops: new Map(),
      health: null,
    };
    this.#pending.set(index, fresh);
    return fresh;
  }

  #flush(): void {
    const slowest = Math.min(...this.#delivered);
    const fastest = Math.max(...this.#delivered.filter((index) => index !== Infinity), -Infinity);
    for (;;) {
      const interval = this.#pending.get(this.#next);
      const complete = this.#next < slowest || this.#next < fastest - LATE_INTERVALS_MAX;
      if (interval === undefined || !complete) return;
      this.#pending.delete(this.#next);
      this.#next++;
      addCounters(this.#totals, interval.counters);
      this.#onMerged(interval);
    }
  }
}

/** Connections that are open at the end of a merged interval. */
export function openAtEnd(interval: MergedInterval): number {
  return interval.totals[COUNTER.openNow] ?? 0;
}

/** Intervals that a shard may lag behind the fastest before the others go on without it. */
const LATE_INTERVALS_MAX = 3;
