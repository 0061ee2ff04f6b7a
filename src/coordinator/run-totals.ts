import { addCounters, COUNTER, COUNTER_NAMES, type CounterName } from '../measure/counters.ts';
import { checkConservation } from '../measure/conservation.ts';
import { Meter } from '../measure/meter.ts';
import { NO_FAILURE } from '../session/session-ledger.ts';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { FinishedMessage, IntervalMessage } from '../shard/messages.ts';
import type { CohortCounts, IntervalCounts } from '../store/interval-line.ts';
import type { ShardFate } from '../store/summary.ts';
import { CohortTotals } from './cohort-totals.ts';
import { openAtEnd, type CohortInterval, type MergedInterval } from './interval-merger.ts';
import { UNSTEERED, type RunSteering } from './live/steer-run.ts';
import type { TrialResult } from './trial-dial.ts';

/** What a run has come to so far: all of it, its cohorts one by one, and the last word of every shard. */
export class RunTotals extends CohortTotals {
  /** In the order of the plan; the only cohort of a run is the whole itself. */
  readonly cohorts: readonly CohortTotals[];
  /** Of the cohorts; null for that of a run without named ones. */
  readonly names: readonly (string | null)[];
  endUs: number = 0;
  /** When this part of the run began: 0, but for one that was resumed. */
  beganUs: number = 0;
  intervals: number = 0;
  /** What users asked of the run while it was on. */
  steering: RunSteering = UNSTEERED;
  readonly #shards: ShardState[];

  /** @param names of the cohorts in every shard's plan. @default a single unnamed one */
  constructor(shards: number, names: readonly (string | null)[] = [null]) {
    super();
    this.names = names;
    this.cohorts = names.length === 1 ? [this] : names.map(() => new CohortTotals());
    this.#shards = Array.from({ length: shards }, () => ({
      snapshots: [],
      finished: null,
      lostReason: null,
    }));
  }

  addInterval(interval: MergedInterval): void {
    this.addFigures(interval, interval);
    this.cohorts.forEach((cohort, index) => {
      const figures = interval.cohorts[index];
      if (cohort !== this && figures !== undefined) cohort.addFigures(figures, interval);
    });
    this.endUs = Math.max(this.endUs, interval.endUs);
    this.intervals++;
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
    this.noteSnapshot('trials', meter.snapshot());
    addCounters(this.counters, meter.counters);
  }

  /** Takes a shard's latest word on all its cohorts. */
  noteSnapshots(shard: number, { snapshots }: IntervalMessage): void {
    this.#shard(shard).snapshots = snapshots;
    snapshots.forEach((snapshot, index) => {
      const source = `shard ${shard}, cohort ${index}`;
      for (const totals of new Set([this, this.cohorts[index]])) totals?.noteSnapshot(source, snapshot);
    });
  }

  noteFinished(shard: number, message: FinishedMessage): void {
    this.#shard(shard).finished = message;
  }

  noteLost(shard: number, reason: string): void {
    this.#shard(shard).lostReason = reason;
  }

  /** Those of one cohort; of the whole where there is none of that name. */
  of(name: string | null): CohortTotals {
    return this.cohorts[this.names.indexOf(name)] ?? this;
  }

  /** Socket options as the kernel has them, of the cohort at `index`; null where the engine cannot see them. */
  socketOf(index: number): Record<string, number | string> | null {
    const ends = this.#shards.flatMap(({ finished }) => finished?.cohorts[index] ?? []);
    return ends.map(({ socket }) => socket).find((facts) => facts !== null) ?? null;
  }

  /** Socket options as the kernel has them, of the first cohort that could see them; null where none could. */
  get socket(): Record<string, number | string> | null {
    const ends = this.#shards.flatMap(({ finished }) => finished?.cohorts ?? []);
    return ends.map(({ socket }) => socket).find((facts) => facts !== null) ?? null;
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

/**
 * A merged interval as it is stored, without its times.
 * @param names of its cohorts; a run without names has none in its lines
 */
export function toIntervalLine(interval: MergedInterval, names: readonly (string | null)[]): IntervalCounts {
  const cohorts = interval.cohorts.flatMap((figures, index): [string, CohortCounts][] => {
    const name = names[index] ?? null;
    return name === null ? [] : [[name, toCohortCounts(figures)]];
  });
  const { counters, gauges } = toCohortCounts(interval);
  return {
    index: interval.index,
    startSeconds: interval.startUs / 1e6,
    endSeconds: interval.endUs / 1e6,
    phase: interval.phase,
    counters,
    gauges: { ...gauges, ...residentMemory() },
    ...(interval.health === null ? {} : { health: interval.health }),
    ...(cohorts.length === 0 ? {} : { cohorts: Object.fromEntries(cohorts) }),
  };
}

function toCohortCounts(figures: CohortInterval): CohortCounts {
  const counters: Partial<Record<CounterName, number>> = {};
  COUNTER_NAMES.forEach((name, index) => {
    const count = figures.counters[index] ?? 0;
    if (count !== 0 && name !== 'openNow') counters[name] = count;
  });
  return { counters, gauges: { openNow: openAtEnd(figures) } };
}

/** This process's resident memory; nothing where no descriptor is left to read it through: a gauge less, not the run. */
function residentMemory(): { rssBytes?: number } {
  try {
    return { rssBytes: process.memoryUsage.rss() };
  } catch {
    return {};
  }
}
