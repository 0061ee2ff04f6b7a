import {
  addCounters,
  addCounterValues,
  COUNTER,
  counterValues,
  newCounters,
  type Counters,
} from '../measure/counters.ts';
import { mergeErrorRows, type ErrorRow } from '../measure/error-table.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import { mergePartialReadRows, type PartialReadRow } from '../measure/partial-read-table.ts';
import { mergePartialWriteRows, type PartialWriteRow } from '../measure/partial-write-table.ts';
import { SideHistograms } from '../measure/side-histograms.ts';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { TotalsState } from '../store/checkpoint.ts';
import type { CohortInterval, MergedInterval } from './interval-merger.ts';

/** What one cohort, or all of them together, has come to so far: merged intervals, and the shards' last snapshots. */
export class CohortTotals {
  readonly counters: Counters = newCounters();
  readonly histograms: HistogramSet = new HistogramSet();
  /** Parts of metrics: response times by age, detections by detector. */
  readonly sides: SideHistograms = new SideHistograms();
  /** Of the intervals that make results. */
  readonly measured: Counters = newCounters();
  measuredUs: number = 0;
  peakOpen: number = 0;
  /** The last word of each shard and cohort that these totals are made of, by a key of each. */
  readonly #snapshots: Map<string, ShardSnapshot> = new Map();

  /** Adds what these connections did in `interval`. */
  addFigures(figures: CohortInterval, interval: MergedInterval): void {
    addCounters(this.counters, figures.counters);
    this.histograms.merge(figures.histograms);
    for (const deltas of figures.sides ?? []) this.sides.add(deltas);
    this.peakOpen = Math.max(this.peakOpen, figures.openMax);
    if (interval.phase !== 'measure') return;
    addCounters(this.measured, figures.counters);
    this.measuredUs += interval.endUs - interval.startUs;
  }

  /** Replaces what `source`, one shard's part of one cohort, had said before. */
  noteSnapshot(source: string, snapshot: ShardSnapshot): void {
    this.#snapshots.set(source, snapshot);
  }

  /** Whether replies came and none of them held what was sent. */
  get allCorrupt(): boolean {
    const corrupt = this.counters[COUNTER.framesCorrupt] ?? 0;
    return corrupt > 0 && corrupt === this.counters[COUNTER.framesReceived];
  }

  get errors(): ErrorRow[] {
    return this.#rows.map(({ errors }) => errors).reduce<ErrorRow[]>(mergeErrorRows, []);
  }

  get partialWrites(): PartialWriteRow[] {
    const rows = this.#rows.map(({ partialWrites }) => partialWrites);
    return rows.reduce<PartialWriteRow[]>(mergePartialWriteRows, []);
  }

  get partialReads(): PartialReadRow[] {
    return mergePartialReadRows(this.#rows.map(({ partialReads }) => partialReads));
  }

  /** Dials attempted and connected for the target's address number `address`. */
  address(address: number): { attempted: number; connected: number } {
    const total = { attempted: 0, connected: 0 };
    for (const { addresses } of this.#rows) {
      total.attempted += addresses[address * 2] ?? 0;
      total.connected += addresses[address * 2 + 1] ?? 0;
    }
    return total;
  }

  /** Dials by how often their SYN was sent again, as the index. */
  get synRetransmits(): number[] {
    return addUp(this.#rows.map(({ synRetransmits }) => synRetransmits));
  }

  /** All of it, for whoever goes on with the run. */
  state(): TotalsState {
    const { measuredUs, peakOpen, errors, partialWrites, partialReads } = this;
    return {
      counters: counterValues(this.counters),
      measured: counterValues(this.measured),
      measuredUs,
      peakOpen,
      histograms: this.histograms.states(),
      sides: this.sides.states(),
      errors,
      partialWrites,
      partialReads,
      addresses: addUp(this.#rows.map(({ addresses }) => addresses)),
      synRetransmits: this.synRetransmits,
    };
  }

  /** Adds what `state` gave of the part of the run before it broke off. */
  restore(state: TotalsState): void {
    const { addresses, synRetransmits, errors, partialWrites, partialReads } = state;
    addCounterValues(this.counters, state.counters);
    addCounterValues(this.measured, state.measured);
    this.measuredUs += state.measuredUs;
    this.peakOpen = Math.max(this.peakOpen, state.peakOpen);
    this.histograms.addStates(state.histograms);
    this.sides.addStates(state.sides ?? {});
    this.noteSnapshot('before it broke off', {
      counters: this.counters,
      histograms: {},
      openMax: 0,
      errors,
      partialWrites,
      partialReads,
      addresses: Float64Array.from(addresses),
      synRetransmits: Float64Array.from(synRetransmits),
    });
  }

  get #rows(): ShardSnapshot[] {
    return [...this.#snapshots.values()];
  }
}

function addUp(lists: readonly Float64Array[]): number[] {
  const sums: number[] = [];
  for (const list of lists) list.forEach((count, index) => (sums[index] = (sums[index] ?? 0) + count));
  return sums;
}
