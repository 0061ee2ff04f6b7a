import type { MachineLoad } from '../../host/machine-watch.ts';
import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { LoopReading } from '../../shard/loop-watch.ts';
import type { MergedInterval } from '../interval-merger.ts';

/** What the signals are computed from, of one interval or of a whole run; null: not known, or nothing there. */
export interface HealthFigures {
  spanUs: number;
  /** Sends whose lateness is known, and those of them that were later than they may be. */
  sends: number;
  lateSends: number;
  /** From which lateness on a send is late. */
  lateLimitUs: number;
  sendLagP99Us: number | null;
  responseP50Us: number | null;
  responseP99Us: number | null;
  shards: readonly ShardFigures[];
  machine: MachineLoad;
}

/** One shard's thread and loop. */
export interface ShardFigures {
  cpuUs: number | null;
  cpuWaitUs: number | null;
  busyUs: number;
  turns: number;
  stallUs: number;
  /** The longest, wherever intervals cut it. */
  wholeStallUs: number;
  gcPauseUs: number;
}

/**
 * The figures of one interval.
 * @param slackUs how late a send may be by the plan's own choice
 */
export function intervalFigures(
  interval: MergedInterval,
  machine: MachineLoad,
  slackUs: number,
): HealthFigures {
  const sendLag = interval.histograms.get('sendLag');
  const response = interval.histograms.get('response');
  const responseP50Us = response?.percentileUs(50) ?? null;
  const lateLimitUs = lateLimit(responseP50Us, slackUs);
  return {
    spanUs: interval.endUs - interval.startUs,
    sends: sendLag?.count ?? 0,
    lateSends: sendLag?.countAbove(lateLimitUs) ?? 0,
    lateLimitUs,
    sendLagP99Us: sendLag?.percentileUs(99) ?? null,
    responseP50Us,
    responseP99Us: response?.percentileUs(99) ?? null,
    shards: Array.from(interval.loops.values(), shardFigures),
    machine,
  };
}

/** Adds intervals up to the figures of a run. Percentiles come from merged histograms, late sends are counted. */
export class RunFigures {
  readonly #sendLag: LatencyHistogram = new LatencyHistogram();
  readonly #response: LatencyHistogram = new LatencyHistogram();
  readonly #shards = new Map<number, ShardFigures>();
  #spanUs: number = 0;
  #lateSends: number = 0;
  #stealUs: number = 0;
  #pressureUs: number = 0;
  #machine: MachineLoad = { stealShare: null, pressureShare: null };

  add(interval: MergedInterval, { spanUs, lateSends, machine }: HealthFigures): void {
    this.#spanUs += spanUs;
    this.#lateSends += lateSends;
    this.#stealUs += (machine.stealShare ?? 0) * spanUs;
    this.#pressureUs += (machine.pressureShare ?? 0) * spanUs;
    this.#machine = machine;
    const sendLag = interval.histograms.get('sendLag');
    if (sendLag !== undefined) this.#sendLag.merge(sendLag);
    const response = interval.histograms.get('response');
    if (response !== undefined) this.#response.merge(response);
    for (const [shard, reading] of interval.loops) {
      this.#shards.set(shard, sum(this.#shards.get(shard), shardFigures(reading)));
    }
  }

  /** @param slackUs how late a send may be by the plan's own choice */
  figures(slackUs: number): HealthFigures {
    const responseP50Us = this.#response.percentileUs(50);
    const share = (us: number, known: number | null): number | null =>
      known === null || this.#spanUs === 0 ? null : us / this.#spanUs;
    return {
      spanUs: this.#spanUs,
      sends: this.#sendLag.count,
      lateSends: this.#lateSends,
      lateLimitUs: lateLimit(responseP50Us, slackUs),
      sendLagP99Us: this.#sendLag.percentileUs(99),
      responseP50Us,
      responseP99Us: this.#response.percentileUs(99),
      shards: [...this.#shards.values()],
      machine: {
        stealShare: share(this.#stealUs, this.#machine.stealShare),
        pressureShare: share(this.#pressureUs, this.#machine.pressureShare),
      },
    };
  }
}

function lateLimit(responseP50Us: number | null, slackUs: number): number {
  return Math.max(LATE_US, LATE_SHARE * (responseP50Us ?? 0)) + slackUs;
}

function shardFigures({ gc, ...reading }: LoopReading): ShardFigures {
  return { ...reading, gcPauseUs: gc.longestUs };
}

function sum(before: ShardFigures | undefined, figures: ShardFigures): ShardFigures {
  if (before === undefined) return { ...figures, stallUs: figures.wholeStallUs };
  return {
    cpuUs: plus(before.cpuUs, figures.cpuUs),
    cpuWaitUs: plus(before.cpuWaitUs, figures.cpuWaitUs),
    busyUs: before.busyUs + figures.busyUs,
    turns: before.turns + figures.turns,
    // A run has no parts that could cut a stall.
    stallUs: Math.max(before.wholeStallUs, figures.wholeStallUs),
    wholeStallUs: Math.max(before.wholeStallUs, figures.wholeStallUs),
    gcPauseUs: Math.max(before.gcPauseUs, figures.gcPauseUs),
  };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** A send is late by more than a millisecond, or by more than a tenth of a usual response where that is longer. */
const LATE_US = 1000;
const LATE_SHARE = 0.1;
