import { addCounters, COUNTER, COUNTER_NAMES, type CounterName, type Counters } from '../measure/counters.ts';
import { checkConservation } from '../measure/conservation.ts';
import type { ErrorRow } from '../measure/error-table.ts';
import { Meter } from '../measure/meter.ts';
import { NO_FAILURE } from '../session/session-ledger.ts';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { FinishedMessage, IntervalMessage } from '../shard/messages.ts';
import type { IntervalLine } from '../store/interval-line.ts';
import type { ShardFate } from '../store/summary.ts';
import { CohortTotals } from './cohort-totals.ts';
import { openAtEnd, type MergedInterval } from './interval-merger.ts';
import type { TrialResult } from './trial-dial.ts';

/** What a run has come to so far: the whole and its cohorts, and the last word of every shard. */
export class RunTotals {
  readonly whole: CohortTotals = new CohortTotals();
  /** In the order of the plan; the only cohort of a run is the whole itself. */
  readonly cohorts: readonly CohortTotals[];
  /** Of the cohorts; null for that of a run without named ones. */
  readonly names: readonly (string | null)[];
  measuredUs: number = 0;
  endUs: number = 0;
  intervals: number = 0;
  readonly #shards: ShardState[];

  /** @param names the cohorts of every shard's plan. @default a single unnamed one */
  constructor(shards: number, names: readonly (string | null)[] = [null]) {
    this.names = names;
    this.cohorts = names.length === 1 ? [this.whole] : names.map(() => new CohortTotals());
    this.#shards = Array.from({ length: shards }, () => ({
      snapshots: [],
      finished: null,
      lostReason: null,
    }));
  }

  addInterval(interval: MergedInterval): void {
    this.whole.addInterval(interval, interval.phase);
    this.cohorts.forEach((cohort, index) => {
      const figures = interval.cohorts[index];
      if (cohort !== this.whole && figures !== undefined) cohort.addInterval(figures, interval.phase);
    });
    this.endUs = Math.max(this.endUs, interval.endUs);
    this.intervals++;
    if (interval.phase === 'measure') this.measuredUs += interval.endUs - interval.startUs;
  }

  /** Counts the trial dials of a target that was not reached: all the dials that its run has. */
  addTrials(trials: TrialResult[]): void {
    const meter = new Meter(trials.length);
    trials.forEach(({ outcome, failure }, address) => {
      meter.dialAttempted(address);
      meter.counters[COUNTER[`dial:${outcome}`]]!++;
      const { errno, errnoNumber, syscall } = failure ?? NO_FAILURE;
      meter.errors.note({ phase: 'dial', outcome, errno, errnoNumber, syscall }, 0);
    });
    const snapshot = meter.snapshot();
    this.#shard(0).snapshots = [snapshot];
    this.whole.noteSnapshot('trials', snapshot);
    addCounters(this.counters, meter.counters);
  }

  noteSnapshot(shard: number, { snapshots }: IntervalMessage): void {
    this.#shard(shard).snapshots = snapshots;
    snapshots.forEach((snapshot, index) => {
      const source = `shard ${shard}, cohort ${index}`;
      this.whole.noteSnapshot(source, snapshot);
      this.cohorts[index]?.noteSnapshot(source, snapshot);
    });
  }

  noteFinished(shard: number, message: FinishedMessage): void {
    this.#shard(shard).finished = message;
  }

  noteLost(shard: number, reason: string): void {
    this.#shard(shard).lostReason = reason;
  }

  /** Of the whole run. */
  get counters(): Counters {
    return this.whole.counters;
  }

  /** Of the whole run. */
  get errors(): ErrorRow[] {
    return this.whole.errors;
  }

  /**
   * Socket options as the kernel has them; null where no shard could see them.
   * @param cohort of this one alone, by its place in the plan. @default of the first that has any
   */
  socket(cohort?: number): Record<string, number | string> | null {
    const known = this.#shards.flatMap(({ finished }) => {
      const ends = finished?.cohorts ?? [];
      return cohort === undefined ? ends : ends.slice(cohort, cohort + 1);
    });
    return known.map(({ socket }) => socket).find((facts) => facts !== null) ?? null;
  }

  get fates(): ShardFate[] {
    return this.#shards.map(({ lostReason }, index) => ({
      index,
      state: lostReason === null ? 'finished' : 'lost',
      reason: lostReason,
    }));
  }

  /** Connections that were never dialled because the run ended first. */
  get neverDialled(): number {
    const ends = this.#shards.flatMap(({ finished }) => finished?.cohorts ?? []);
    return ends.reduce((sum, { neverDialled }) => sum + neverDialled, 0);
  }

  /** The busiest shard's loop, 0 to 1; null where no shard finished. */
  get loopUtilization(): number | null {
    const known = this.#shards.flatMap(({ finished }) =>
      finished === null ? [] : [finished.loopUtilization],
    );
    return known.length === 0 ? null : Math.max(...known);
  }

  /** Violations of conservation, by shard and cohort; a lost shard's books were never closed and are not checked. */
  get violations(): string[] {
    return this.#shards.flatMap(({ snapshots, finished }, shard) =>
      finished === null ? [] : snapshots.flatMap((snapshot, cohort) => this.#check(snapshot, shard, cohort)),
    );
  }

  #check({ counters }: ShardSnapshot, shard: number, cohort: number): string[] {
    const name = this.names[cohort] ?? null;
    const place = name === null ? `shard ${shard}` : `shard ${shard}, cohort ${name}`;
    return checkConservation(counters).map((sentence) => `${place}: ${sentence}`);
  }

  #shard(index: number): ShardState {
    return this.#shards[index] ?? { snapshots: [], finished: null, lostReason: null };
  }
}

interface ShardState {
  /** One a cohort; none before the first interval. */
  snapshots: ShardSnapshot[];
  finished: FinishedMessage | null;
  lostReason: string | null;
}

/** A merged interval as it is stored, without its times. */
export function toIntervalLine(interval: MergedInterval): Omit<IntervalLine, 'histograms'> {
  const counters: Partial<Record<CounterName, number>> = {};
  COUNTER_NAMES.forEach((name, index) => {
    const count = interval.counters[index] ?? 0;
    if (count !== 0 && name !== 'openNow') counters[name] = count;
  });
  return {
    index: interval.index,
    startSeconds: interval.startUs / 1e6,
    endSeconds: interval.endUs / 1e6,
    phase: interval.phase,
    counters,
    gauges: { openNow: openAtEnd(interval) },
  };
}
