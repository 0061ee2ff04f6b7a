import type { MachineLoad } from '../../host/machine-watch.ts';
import { HistogramSet } from '../../measure/histogram-set.ts';
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
  /** Of the cohorts whose lateness is judged, as are the sends; the p50 is that of all. */
  responseP99Us: number | null;
  responseP50Us: number | null;
  shards: readonly ShardFigures[];
  machine: MachineLoad;
  /** The longest time that the machine slept; null where it did not. */
  sleptUs: number | null;
}

/** One shard's thread and loop. */
export interface ShardFigures extends Omit<LoopReading, 'gc'> {
  gcPauseUs: number;
}

/** How the plan sends, as far as the signals differ by it. */
export interface SendingPlan {
  /** Whether sends have an intended start that the plan knows before: a rate, or a think time. */
  timed: boolean;
  /** Whether the plan promises a rate. Without one lateness warns and makes nothing invalid. */
  open: boolean;
  /** A cohort each: whether its sends are judged for lateness, which those of a closed loop would only dilute. */
  judged: readonly boolean[];
  /** How late a send may be by the plan's own choice. */
  slackUs: number;
}

/** The figures of one interval. */
export function intervalFigures(
  interval: MergedInterval,
  machine: MachineLoad,
  sending: SendingPlan,
): HealthFigures {
  const judged = judgedTimes(interval, sending);
  const sendLag = judged.get('sendLag');
  const response = judged.get('response');
  const lateLimitUs = lateLimit(response?.percentileUs(50) ?? null, sending.slackUs);
  return {
    spanUs: interval.endUs - interval.startUs,
    sends: sendLag?.count ?? 0,
    lateSends: sendLag?.countAbove(lateLimitUs) ?? 0,
    lateLimitUs,
    sendLagP99Us: sendLag?.percentileUs(99) ?? null,
    responseP50Us: interval.histograms.get('response')?.percentileUs(50) ?? null,
    responseP99Us: response?.percentileUs(99) ?? null,
    shards: Array.from(interval.loops.values(), shardFigures),
    machine,
    sleptUs: interval.sleptUs ?? null,
  };
}

/** Adds intervals up to the figures of a run. Percentiles come from merged histograms, late sends are counted. */
export class RunFigures {
  readonly #sendLag: LatencyHistogram = new LatencyHistogram();
  readonly #response: LatencyHistogram = new LatencyHistogram();
  readonly #allResponse: LatencyHistogram = new LatencyHistogram();
  readonly #shards = new Map<number, ShardFigures>();
  #spanUs: number = 0;
  #lateSends: number = 0;
  #stealUs: number = 0;
  #pressureUs: number = 0;
  #sleptUs: number | null = null;
  #machine: MachineLoad = { stealShare: null, pressureShare: null };

  readonly #sending: SendingPlan;

  constructor(sending: SendingPlan) {
    this.#sending = sending;
  }

  add(interval: MergedInterval, { spanUs, lateSends, machine }: HealthFigures): void {
    this.#spanUs += spanUs;
    this.#lateSends += lateSends;
    this.#stealUs += (machine.stealShare ?? 0) * spanUs;
    this.#pressureUs += (machine.pressureShare ?? 0) * spanUs;
    this.#machine = machine;
    if (interval.sleptUs !== undefined) this.#sleptUs = Math.max(this.#sleptUs ?? 0, interval.sleptUs);
    const judged = judgedTimes(interval, this.#sending);
    mergeInto(this.#sendLag, judged.get('sendLag'));
    mergeInto(this.#response, judged.get('response'));
    mergeInto(this.#allResponse, interval.histograms.get('response'));
    for (const [shard, reading] of interval.loops) {
      this.#shards.set(shard, sum(this.#shards.get(shard), shardFigures(reading)));
    }
  }

  /** Each shard's, by its number. */
  get byShard(): ReadonlyMap<number, ShardFigures> {
    return this.#shards;
  }

  get figures(): HealthFigures {
    const share = (us: number, known: number | null): number | null =>
      known === null || this.#spanUs === 0 ? null : us / this.#spanUs;
    return {
      spanUs: this.#spanUs,
      sends: this.#sendLag.count,
      lateSends: this.#lateSends,
      lateLimitUs: lateLimit(this.#response.percentileUs(50), this.#sending.slackUs),
      sendLagP99Us: this.#sendLag.percentileUs(99),
      responseP50Us: this.#allResponse.percentileUs(50),
      responseP99Us: this.#response.percentileUs(99),
      shards: [...this.#shards.values()],
      machine: {
        stealShare: share(this.#stealUs, this.#machine.stealShare),
        pressureShare: share(this.#pressureUs, this.#machine.pressureShare),
      },
      sleptUs: this.#sleptUs,
    };
  }
}

/** The times of the cohorts whose lateness is judged: mostly those of the interval itself. */
function judgedTimes({ histograms, cohorts }: MergedInterval, { judged }: SendingPlan): HistogramSet {
  if (judged.every(Boolean)) return histograms;
  const times = new HistogramSet();
  cohorts.forEach((cohort, index) => {
    if (judged[index] === true) times.merge(cohort.histograms);
  });
  return times;
}

function mergeInto(whole: LatencyHistogram, part: LatencyHistogram | undefined): void {
  if (part !== undefined) whole.merge(part);
}

function lateLimit(responseP50Us: number | null, slackUs: number): number {
  return Math.max(LATE_US, LATE_SHARE * (responseP50Us ?? 0)) + slackUs;
}

function shardFigures({ gc, ...reading }: LoopReading): ShardFigures {
  return { ...reading, gcPauseUs: gc.longestUs };
}

function sum(before: ShardFigures | undefined, figures: ShardFigures): ShardFigures {
  if (before === undefined) return figures;
  return {
    cpuUs: plus(before.cpuUs, figures.cpuUs),
    cpuWaitUs: plus(before.cpuWaitUs, figures.cpuWaitUs),
    busyUs: before.busyUs + figures.busyUs,
    turns: before.turns + figures.turns,
    stallUs: Math.max(before.stallUs, figures.stallUs),
    gcPauseUs: Math.max(before.gcPauseUs, figures.gcPauseUs),
  };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** A send is late by more than a millisecond, or by more than a tenth of a usual response where that is longer. */
const LATE_US = 1000;
const LATE_SHARE = 0.1;
