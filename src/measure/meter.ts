import { AGE_BOUNDS_US } from './connection-ages.ts';
import { COUNTER, newCounters, type Counters } from './counters.ts';
import { ErrorTable } from './error-table.ts';
import { joinDeltas } from './histogram-delta.ts';
import type { HistogramDeltas } from './histogram-set.ts';
import { METRICS, type Metric } from './metric.ts';
import type { SessionOutcome } from './outcome.ts';
import { PartialReadTable } from './partial-read-table.ts';
import { PartialWriteTable } from './partial-write-table.ts';
import { Recorder } from './recorder.ts';
import type { SideDeltas } from './side-histograms.ts';
import type { ShardSnapshot } from './snapshot.ts';

/**
 * SYN repeats that are told apart; more count as this many. The kernel itself stops at `tcp_syn_retries` and the
 * linear timeouts before them, 10 repeats by default. Source: ip-sysctl, tcp_syn_retries, tcp_syn_linear_timeouts.
 */
const SYN_RETRANSMITS_MAX = 32;

/** Everything one shard counts and times. */
export class Meter {
  /** Cumulative, indexed by `COUNTER`; sessions count into it directly. */
  readonly counters: Counters = newCounters();
  readonly errors: ErrorTable = new ErrorTable();
  readonly partialWrites: PartialWriteTable = new PartialWriteTable();
  readonly partialReads: PartialReadTable = new PartialReadTable();
  readonly #recorders: Readonly<Record<Metric, Recorder>>;
  /** Where response times are recorded, by the class of the connection's age (connection-ages.ts). */
  readonly responsesByAge: readonly Recorder[];
  readonly #detections: Map<SessionOutcome, Recorder> = new Map();
  readonly #addresses: Float64Array;
  readonly #synRetransmits: Float64Array = new Float64Array(SYN_RETRANSMITS_MAX + 1);
  /** The most that were open at one time since the last snapshot. */
  #openMax: number = 0;

  /** @param addresses how many addresses the target resolved to */
  constructor(addresses: number) {
    this.#addresses = new Float64Array(addresses * 2);
    this.#recorders = Object.fromEntries(METRICS.map((metric) => [metric, new Recorder()])) as Record<
      Metric,
      Recorder
    >;
    this.responsesByAge = [this.#recorders.response, ...AGE_BOUNDS_US.map(() => new Recorder())];
  }

  /** Where to record times of `metric`; always the same one, so that callers may keep it. */
  recorder(metric: Metric): Recorder {
    return this.#recorders[metric];
  }

  /**
   * A detector has given a peer up, `silentUs` after its last sign of life; the outcome names the detector.
   * @param silent whether the peer was silent all the time, and not merely slow
   */
  detected(outcome: SessionOutcome, silentUs: number, silent: boolean): void {
    this.#recorders.detect.record(silentUs);
    if (!silent) return;
    let detector = this.#detections.get(outcome);
    if (detector === undefined) this.#detections.set(outcome, (detector = new Recorder()));
    detector.record(silentUs);
  }

  /** Counts a dial to the target's address number `address`, in all and for that address. */
  dialAttempted(address: number): void {
    this.counters[COUNTER.dialsAttempted]! += 1;
    this.#addresses[address * 2]! += 1;
  }

  /** Counts a dial that connected, in all and for its address. */
  dialConnected(address: number): void {
    this.counters[COUNTER['dial:connected']]! += 1;
    this.#addresses[address * 2 + 1]! += 1;
  }

  /** Counts how often a dial's SYN was sent again, whether the dial connected or not. */
  dialSynRetransmits(retransmits: number): void {
    this.#synRetransmits[Math.min(retransmits, SYN_RETRANSMITS_MAX)]! += 1;
  }

  /** Counts a connection as open. */
  connectionOpened(): void {
    const open = this.counters[COUNTER.openNow]! + 1;
    this.counters[COUNTER.openNow] = open;
    this.#openMax = Math.max(this.#openMax, open);
  }

  /** Counts a connection as open no longer. */
  connectionEnded(): void {
    this.counters[COUNTER.openNow]! -= 1;
  }

  /** The totals so far and the times since the last snapshot; nothing is encoded, so the loop hardly waits. */
  snapshot(): ShardSnapshot {
    const openMax = this.#openMax;
    // As the small whole number that it is elsewhere: as a double, the first snapshot would have V8 give up all code that knows a Meter.
    this.#openMax = this.counters[COUNTER.openNow]! | 0;
    const sides = this.#takeSides();
    return {
      openMax,
      counters: this.counters.slice(),
      histograms: this.#takeHistograms(sides),
      sides,
      errors: this.errors.rows(),
      partialWrites: this.partialWrites.rows(),
      partialReads: this.partialReads.rows(),
      addresses: this.#addresses.slice(),
      synRetransmits: this.#synRetransmits.slice(),
    };
  }

  /** Response times were taken by age already, and are these together. */
  #takeHistograms(sides: SideDeltas): HistogramDeltas {
    const deltas: HistogramDeltas = {};
    for (const metric of METRICS) {
      const delta =
        metric === 'response'
          ? joinDeltas(this.responsesByAge.map((_, age) => sides[`age:${age}`] ?? null))
          : this.#recorders[metric].take();
      if (delta !== null) deltas[metric] = delta;
    }
    return deltas;
  }

  #takeSides(): SideDeltas {
    const sides: SideDeltas = {};
    this.responsesByAge.forEach((recorder, age) => {
      const delta = recorder.take();
      if (delta !== null) sides[`age:${age}`] = delta;
    });
    for (const [outcome, recorder] of this.#detections) {
      const delta = recorder.take();
      if (delta !== null) sides[`detect:${outcome}`] = delta;
    }
    return sides;
  }
}
