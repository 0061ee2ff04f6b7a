import { formatRate } from '../../base/units.ts';
import { RateCurve } from '../../schedule/rate-curve.ts';
import type { LiveChange } from '../../shard/control.ts';
import { listens } from '../../session/session-plan.ts';
import type { CohortPlan } from '../../shard/shard-plan.ts';

/** What is known of one cohort while its run is steered: its rate, and whether it is paused. */
export class LiveCohort {
  /** Null in a run without named cohorts. */
  readonly name: string | null;
  /** The most connections that it has room for. */
  readonly peak: number;
  /** Whether it sends nothing but heartbeats. */
  readonly listens: boolean;
  readonly #index: number;
  readonly #tell: (change: LiveChange) => void;
  /** The shards' own curve, made from the same numbers; null in the closed model. */
  readonly #curve: RateCurve | null;
  #paused: boolean = false;
  /** What a resumed cohort goes on with. */
  #resumedRate: number = 0;

  constructor(options: {
    plan: CohortPlan;
    index: number;
    originUs: number;
    tell: (change: LiveChange) => void;
  }) {
    const { name, session } = options.plan;
    this.name = name;
    this.peak = session.connections;
    this.#index = options.index;
    this.#tell = options.tell;
    const { load } = session;
    this.listens = listens(load);
    this.#curve =
      load.model === 'closed'
        ? null
        : new RateCurve({
            originUs: options.originUs,
            ratePerSecond: load.totalRatePerSecond,
            stages: load.stages ?? [],
          });
  }

  /** Whether frames are due by the clock, so that there is a rate. */
  get hasRate(): boolean {
    return this.#curve !== null;
  }

  pause(atUs: number): void {
    this.#paused = true;
    this.#resumedRate = this.#curve?.ratePerSecondAt(atUs) ?? 0;
    this.#setPace(atUs, 0, 1);
  }

  /** Answers what it goes on with, in words. */
  resume(atUs: number): string {
    this.#paused = false;
    this.#setPace(atUs, this.#resumedRate, 0);
    if (this.listens) return 'it only listens, as before';
    return this.hasRate
      ? `${formatRate(this.#resumedRate)} over all connections`
      : 'frames follow replies again';
  }

  /** Answers what holds from then on, in words. */
  setRate(atUs: number, ratePerSecond: number): string {
    const rate = `${formatRate(ratePerSecond)} over all connections`;
    this.#resumedRate = ratePerSecond;
    if (this.#paused) return `${rate} once the run is resumed`;
    this.#setPace(atUs, ratePerSecond, 0);
    return rate;
  }

  setConnections(atUs: number, connections: number): void {
    this.#tell({ kind: 'connections', cohort: this.#index, atUs, value: connections });
  }

  #setPace(atUs: number, ratePerSecond: number, held: 0 | 1): void {
    if (this.#curve === null) return this.#tell({ kind: 'hold', cohort: this.#index, atUs, value: held });
    this.#curve.changeAt(atUs, ratePerSecond);
    this.#tell({ kind: 'rate', cohort: this.#index, atUs, value: ratePerSecond });
  }
}
