import { present } from '../base/assert.ts';
import { addCounters, COUNTER, newCounters, type Counters } from '../measure/counters.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import type { SideDeltas } from '../measure/side-histograms.ts';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { IntervalPhase } from '../schedule/interval-schedule.ts';
import type { LoopReading } from '../shard/loop-watch.ts';
import type { IntervalMessage } from '../shard/messages.ts';
import type { IntervalHealth } from '../store/health-summary.ts';

/** One interval of the whole run. */
export interface MergedInterval extends CohortInterval {
  index: number;
  startUs: number;
  endUs: number;
  phase: IntervalPhase;
  /** How much of the time before it the run had broken off; absent where it never had. */
  gapsUs?: number;
  /** How long the machine slept in it, or in one before it whose consequences may show; absent where it did not. */
  sleptUs?: number;
  /** How the shards' loops fared in it, by shard. */
  loops: Map<number, LoopReading>;
  /** What the signals say of it; null outside of the measured time, and before it was judged. */
  health: IntervalHealth | null;
  /** The parts of the whole, in the order of the plan; the only cohort of a run is the whole itself. */
  cohorts: CohortInterval[];
}

/** What one cohort, or all of them together, did in an interval. */
export interface CohortInterval {
  /** What was counted in it; `openNow` is the change, the gauge stands in `totals`. */
  counters: Counters;
  /** What was counted up to its end. */
  totals: Counters;
  /** The most connections open in it: each shard's own most, added up. */
  openMax: number;
  /** Its times. Valid as long as it is handed on: their memory is that of a later interval too. */
  histograms: HistogramSet;
  /** What each shard recorded of the metrics' parts; absent in intervals that are read again. */
  sides?: SideDeltas[];
}

/**
 * Joins the shards' intervals of the same number and hands them on in order, each when every shard that still runs
 * has delivered it. A shard that falls behind by more than `LATE_INTERVALS_MAX` no longer holds up the others: what it
 * delivers late is counted into the interval that is then merged next, so nothing is lost.
 */
export class IntervalMerger {
  readonly #delivered: number[];
  /** By shard and cohort. */
  readonly #last: Counters[][];
  readonly #pending = new Map<number, MergedInterval>();
  readonly #totals: Counters = newCounters();
  readonly #cohortTotals: Counters[];
  readonly #onMerged: (interval: MergedInterval) => void;
  /** Of intervals that were handed on: half a megabyte each, which a second later is needed again. */
  readonly #spare: HistogramSet[] = [];
  #next: number = 0;

  constructor(
    { shards, cohorts }: { shards: number; cohorts: number },
    onMerged: (interval: MergedInterval) => void,
  ) {
    this.#delivered = Array.from({ length: shards }, () => 0);
    this.#last = Array.from({ length: shards }, () => Array.from({ length: cohorts }, newCounters));
    this.#cohortTotals = cohorts === 1 ? [this.#totals] : Array.from({ length: cohorts }, newCounters);
    this.#onMerged = onMerged;
  }

  /** Takes the next interval of a shard. */
  add(shard: number, message: IntervalMessage): void {
    const interval = this.#pendingAt(Math.max(message.index, this.#next), message);
    const last = this.#last[shard] ?? [];
    message.snapshots.forEach((snapshot, cohort) => {
      const part = present(interval.cohorts[cohort], 'the cohort of a snapshot');
      const before = last[cohort] ?? newCounters();
      addSnapshot(part, snapshot, before);
      if (part !== interval) addSnapshot(interval, snapshot, before);
      last[cohort] = snapshot.counters;
    });
    interval.loops.set(shard, message.loop);
    interval.endUs = Math.max(interval.endUs, message.endUs);
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
    const facts = { index, startUs, endUs, phase, loops: new Map<number, LoopReading>(), health: null };
    const cohorts = this.#cohortTotals.map((totals) => this.#newFigures(totals));
    const only = cohorts.length === 1 ? cohorts[0] : undefined;
    const fresh: MergedInterval = Object.assign(only ?? this.#newFigures(this.#totals), {
      ...facts,
      cohorts,
    });
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
      const parts = new Set([interval, ...interval.cohorts]);
      for (const part of parts) addCounters(part.totals, part.counters);
      this.#onMerged(interval);
      for (const { histograms } of parts) {
        histograms.clear();
        this.#spare.push(histograms);
      }
    }
  }

  #newFigures(totals: Counters): CohortInterval {
    const histograms = this.#spare.pop() ?? new HistogramSet();
    return { counters: newCounters(), totals, openMax: 0, histograms };
  }
}

/** Adds what a shard has counted since `before`, and the times of its interval. */
function addSnapshot(into: CohortInterval, snapshot: ShardSnapshot, before: Counters): void {
  const { counters, histograms, openMax } = snapshot;
  for (let i = 0; i < counters.length; i++) into.counters[i]! += counters[i]! - before[i]!;
  into.histograms.add(histograms);
  into.openMax += openMax;
  if (snapshot.sides !== undefined) (into.sides ??= []).push(snapshot.sides);
}

/** Connections that are open at the end of an interval. */
export function openAtEnd({ totals }: CohortInterval): number {
  return totals[COUNTER.openNow] ?? 0;
}

/** Intervals that a shard may lag behind the fastest before the others go on without it. */
const LATE_INTERVALS_MAX = 3;
