import { monotonicClock, type Clock } from '../../base/clock.ts';
import { MachineWatch } from '../../host/machine-watch.ts';
import { HEALTH_BOUNDS, type HealthBound, type HealthProfile } from '../../profile/health-profile.ts';
import type { HealthState } from '../../store/checkpoint.ts';
import type { HealthIntervals, IntervalHealth, WorkerLoad } from '../../store/health-summary.ts';
import type { MergedInterval } from '../interval-merger.ts';
import { intervalFigures, RunFigures, type HealthFigures, type SendingPlan } from './health-figures.ts';
import { knownValues, levelOf, signalValues, type LoadPromise } from './health-signals.ts';

export interface HealthMonitorOptions {
  health: HealthProfile;
  sending: SendingPlan;
  /** Whether thresholds judge the run's results. */
  thresholds: boolean;
  machine?: Pick<MachineWatch, 'take'>;
  clock?: Clock;
}

/** How often a signal spoke, and its largest value in one interval. */
export interface SignalTally {
  warned: number;
  invalid: number;
  worst: number | null;
}

/**
 * Judges the generator interval by interval, of those that make results. Nothing in it looks at how the target fared
 * but to compare the generator's lateness with it.
 */
export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #clock: Clock;
  readonly #machine: Pick<MachineWatch, 'take'>;
  readonly #run: RunFigures;
  readonly #tallies = new Map<HealthBound, SignalTally>();
  #judged: number = 0;
  #warned: number = 0;
  #invalid: number = 0;
  #judgedUs: number = 0;
  #warnedUs: number = 0;
  #invalidUs: number = 0;
  /** The end of the last interval, and of the last in which the loop came late, since the run's start. */
  #untilUs: number = 0;
  #lateUntilUs: number = 0;

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
    this.#run = new RunFigures(options.sending);
    this.#clock = options.clock ?? monotonicClock();
    this.#machine = options.machine ?? new MachineWatch(this.#clock.nowUs());
  }

  get sending(): SendingPlan {
    return this.#options.sending;
  }

  /** What the run's results are held to. */
  get promise(): LoadPromise {
    const { sending, thresholds } = this.#options;
    return { open: sending.open, thresholds };
  }

  /** Over all intervals judged so far. */
  get figures(): HealthFigures {
    return this.#run.figures;
  }

  /** What each worker had and used, over all intervals judged so far. */
  get workers(): WorkerLoad[] {
    const { spanUs } = this.#run.figures;
    return Array.from(this.#run.byShard, ([index, { cpuUs, cpuWaitUs, busyUs }]) => ({
      index,
      cpuSeconds: cpuUs === null ? null : cpuUs / 1e6,
      cpuWaitSeconds: cpuWaitUs === null ? null : cpuWaitUs / 1e6,
      busyShare: spanUs === 0 ? 0 : busyUs / spanUs,
    })).toSorted((a, b) => a.index - b.index);
  }

  get intervals(): HealthIntervals {
    return {
      judged: this.#judged,
      warned: this.#warned,
      invalid: this.#invalid,
      invalidShare: this.#judgedUs === 0 ? 0 : this.#invalidUs / this.#judgedUs,
    };
  }

  /** Share of the judged time in which nothing spoke, time that only warns counting half; null where none was judged. */
  get soundShare(): number | null {
    if (this.#judgedUs === 0) return null;
    return 1 - (this.#invalidUs + this.#warnedUs / 2) / this.#judgedUs;
  }

  /**
   * Until when the generator came late, where that is over within the run's first seconds and no more than what its own
   * beginning takes; null otherwise.
   */
  get coldUntilUs(): number | null {
    const lateUntilUs = this.#lateUntilUs;
    const isOver = lateUntilUs > 0 && lateUntilUs < this.#untilUs;
    const isCold = lateUntilUs <= COLD_US_MAX && (this.tally('stall').worst ?? 0) <= COLD_STALL_US_MAX;
    return isOver && isCold ? lateUntilUs : null;
  }

  tally(name: HealthBound): SignalTally {
    const known = this.#tallies.get(name);
    if (known !== undefined) return known;
    const fresh: SignalTally = { warned: 0, invalid: 0, worst: null };
    this.#tallies.set(name, fresh);
    return fresh;
  }

  /** How the intervals so far were judged, for whoever goes on with the run. */
  state(): HealthState {
    return {
      judgedUs: this.#judgedUs,
      warnedUs: this.#warnedUs,
      invalidUs: this.#invalidUs,
      intervals: { judged: this.#judged, warned: this.#warned, invalid: this.#invalid },
      tallies: Object.fromEntries(this.#tallies),
    };
  }

  /** Adds what `state` gave of the part of the run before it broke off; its figures are not among it. */
  restore(state: HealthState): void {
    this.#judgedUs += state.judgedUs;
    this.#warnedUs += state.warnedUs;
    this.#invalidUs += state.invalidUs;
    this.#judged += state.intervals.judged;
    this.#warned += state.intervals.warned;
    this.#invalid += state.intervals.invalid;
    for (const name of HEALTH_BOUNDS) {
      const before = state.tallies[name];
      if (before === undefined) continue;
      const tally = this.tally(name);
      tally.warned += before.warned;
      tally.invalid += before.invalid;
      tally.worst = Math.max(tally.worst ?? 0, before.worst ?? 0);
    }
  }

  /** Adds a stored interval of the part of the run before it broke off. */
  recount({ level, warned, invalid, signals }: IntervalHealth, spanUs: number): void {
    for (const name of HEALTH_BOUNDS) {
      const tally = this.tally(name);
      const value = signals[name];
      if (value !== undefined) tally.worst = Math.max(tally.worst ?? 0, value);
      if (warned.includes(name)) tally.warned++;
      if (invalid.includes(name)) tally.invalid++;
    }
    this.#count(level, spanUs);
  }

  /** What the signals say of an interval; null where it makes no results. */
  judge(interval: MergedInterval): IntervalHealth | null {
    const machine = this.#machine.take(this.#clock.nowUs());
    if (interval.phase !== 'measure' || interval.endUs <= interval.startUs) return null;
    const { sending, health } = this.#options;
    const { promise } = this;
    const figures = intervalFigures(interval, machine, sending);
    this.#run.add(interval, figures);
    const values = signalValues(figures, sending);
    const judged: IntervalHealth = { level: 'ok', warned: [], invalid: [], signals: knownValues(values) };
    for (const name of HEALTH_BOUNDS) {
      const value = values[name];
      const level = levelOf(name, value, health.bounds[name], promise);
      const tally = this.tally(name);
      if (value !== null) tally.worst = Math.max(tally.worst ?? 0, value);
      if (level === 'ok') continue;
      tally[level === 'warn' ? 'warned' : 'invalid']++;
      judged[level === 'warn' ? 'warned' : 'invalid'].push(name);
    }
    if (judged.invalid.length > 0) judged.level = 'invalid';
    else if (judged.warned.length > 0) judged.level = 'warn';
    this.#count(judged.level, figures.spanUs);
    this.#noteLate(judged, interval.endUs);
    return judged;
  }

  #noteLate({ warned, invalid }: IntervalHealth, endUs: number): void {
    if (LATENESS.some((name) => warned.includes(name) || invalid.includes(name))) this.#lateUntilUs = endUs;
    this.#untilUs = endUs;
  }

  #count(level: IntervalHealth['level'], spanUs: number): void {
    this.#judged++;
    this.#judgedUs += spanUs;
    if (level === 'warn') {
      this.#warned++;
      this.#warnedUs += spanUs;
    }
    if (level === 'invalid') {
      this.#invalid++;
      this.#invalidUs += spanUs;
    }
  }
}

/** Signals of a loop that comes late. */
const LATENESS: readonly HealthBound[] = ['lateSends', 'sendLag', 'stall'];
/** By then the code of a shard's loop is compiled, and thousands of connections are dialled. */
const COLD_US_MAX = 3_000_000;
/** Neither of both holds a loop up for longer. */
const COLD_STALL_US_MAX = 500_000;
