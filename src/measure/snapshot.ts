import type { Counters } from './counters.ts';
import type { ErrorRow } from './error-table.ts';
import type { HistogramDeltas } from './histogram-set.ts';
import type { SideDeltas } from './side-histograms.ts';
import type { PartialReadRow } from './partial-read-table.ts';
import type { PartialWriteRow } from './partial-write-table.ts';

/**
 * What a shard ships once an interval. All but the histograms are cumulative, so that a shard that dies is known by
 * its last snapshot and one that comes late costs no data.
 */
export interface ShardSnapshot {
  counters: Counters;
  /** This interval's values only. */
  histograms: HistogramDeltas;
  /** Likewise; absent in the snapshots of a run that is read again. */
  sides?: SideDeltas;
  /** The most connections that were open at one time in this interval. */
  openMax: number;
  errors: ErrorRow[];
  partialWrites: PartialWriteRow[];
  partialReads: PartialReadRow[];
  /** Dials attempted and connected, a pair a target address. */
  addresses: Float64Array;
  /** Dials by how often their SYN was sent again, as the index; all zeros where the engine cannot see it. */
  synRetransmits: Float64Array;
}
