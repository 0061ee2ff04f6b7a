import {
  addCounters,
  COUNTER,
  COUNTER_NAMES,
  newCounters,
  type CounterName,
  type Counters,
} from '../measure/counters.ts';
import { checkConservation } from '../measure/conservation.ts';
import { mergeErrorRows, type ErrorRow } from '../measure/error-table.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import { Meter } from '../measure/meter.ts';
import { mergePartialReadRows, type PartialReadRow } from '../measure/partial-read-table.ts';
import { mergePartialWriteRows, type PartialWriteRow } from '../measure/partial-write-table.ts';
import { NO_FAILURE } from '../session/session-ledger.ts';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { FinishedMessage, IntervalMessage } from '../shard/messages.ts';
import type { IntervalLine } from '../store/interval-line.ts';
import type { ShardFate } from '../store/summary.ts';
import { openAtEnd, type MergedInterval } from './interval-merger.ts';
import type { TrialResult } from './trial-dial.ts';

/** What a run has come to so far: merged intervals, and the last word of every shard. */
export class RunTotals {
  readonly counters: Counters = newCounters();
  readonly histograms: HistogramSet = new HistogramSet();
  /** Of the intervals that make results. */
  readonly measured: Counters = newCounters();
  measuredUs: number = 0;
  endUs: number = 0;
  peakOpen: number = 0;
  intervals: number = 0;
  readonly #shards: ShardState[];

  constructor(shards: number) {
    this.#shards = Array.from({ length: shards }, () => ({
      snapshot: null,
      finished: null,
      lostReason: null,
    }));
  }

  addInterval(interval: MergedInterval): void {
    addCounters(this.counters, interval.counters);
    this.histograms.merge(interval.histograms);
    this.peakOpen = Math.max(this.peakOpen, interval.openMax);
    this.endUs = Math.max(this.endUs, interval.endUs);
    this.intervals++;
    if (interval.phase !== 'measure') return;
    addCounters(this.measured, interval.counters);
    this.measuredUs += interval.endUs - interval.startUs;
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
    this.#shard(0).snapshot = meter.snapshot();
    addCounters(this.counters, meter.counters);
  }

  noteSnapshot(shard: number, { snapshot }: IntervalMessage): void {
    this.#shard(shard).snapshot = snapshot;
  }

  noteFinished(shard: number, message: FinishedMessage): void {
    this.#shard(shard).finished = message;
  }

  noteLost(shard: number, reason: string): void {
    this.#shard(shard).lostReason = reason;
  }

  /** Whether replies came and none of them held what was sent. */
  get allCorrupt(): boolean {
    const corrupt = this.counters[COUNTER.framesCorrupt] ?? 0;
    return corrupt > 0 && corrupt === this.counters[COUNTER.framesReceived];
  }

  get errors(): ErrorRow[] {
    return this.#snapshots.map(({ errors }) => errors).reduce<ErrorRow[]>(mergeErrorRows, []);
  }

  get partialWrites(): PartialWriteRow[] {
    const rows = this.#snapshots.map(({ partialWrites }) => partialWrites);
    return rows.reduce<PartialWriteRow[]>(mergePartialWriteRows, []);
  }

  get partialReads(): PartialReadRow[] {
    return mergePartialReadRows(this.#snapshots.map(({ partialReads }) => partialReads));
  }

  /** Dials attempted and connected for the target's address number `address`. */
  address(address: number): { attempted: number; connected: number } {
    const total = { attempted: 0, connected: 0 };
    for (const { addresses } of this.#snapshots) {
      total.attempted += addresses[address * 2] ?? 0;
      total.connected += addresses[address * 2 + 1] ?? 0;
    }
    return total;
  }

  /** Dials by how often their SYN was sent again, as the index. */
  get synRetransmits(): number[] {
    const totals: number[] = [];
    for (const { synRetransmits } of this.#snapshots) {
      synRetransmits.forEach((dials, index) => (totals[index] = (totals[index] ?? 0) + dials));
    }
    return totals;
  }

  /** Socket options as the kernel has them; null where no shard could see them. */
  get socket(): Record<string, number | string> | null {
    return (
      this.#shards.map(({ finished }) => finished?.socket ?? null).find((facts) => facts !== null) ?? null
    );
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
    return this.#shards.reduce((sum, { finished }) => sum + (finished?.neverDialled ?? 0), 0);
  }

  /** Violations of conservation, shard by shard; a lost shard's books were never closed and are not checked. */
  get violations(): string[] {
    return this.#shards.flatMap(({ snapshot, finished }, index) =>
      snapshot === null || finished === null
        ? []
        : checkConservation(snapshot.counters).map((sentence) => `shard ${index}: ${sentence}`),
    );
  }

  get #snapshots(): ShardSnapshot[] {
    return this.#shards.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
  }

  #shard(index: number): ShardState {
    return this.#shards[index] ?? { snapshot: null, finished: null, lostReason: null };
  }
}

interface ShardState {
  snapshot: ShardSnapshot | null;
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
    gauges: { openNow: openAtEnd(interval), rssBytes: process.memoryUsage.rss() },
    ...(interval.health === null ? {} : { health: interval.health }),
  };
}
