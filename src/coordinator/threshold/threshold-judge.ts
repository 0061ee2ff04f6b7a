import type { Counters } from '../../measure/counters.ts';
import type { Metric } from '../../measure/metric.ts';
import type { ThresholdProfile } from '../../profile/profile.ts';
import type { ThresholdsState } from '../../store/checkpoint.ts';
import type { ThresholdResult } from '../../store/summary.ts';
import { JudgedThreshold } from './judged-threshold.ts';
import type { IntervalFigures, RunFacts } from './observed-figures.ts';
import { RunFigures } from './run-figures.ts';
import { SlidingWindow } from './sliding-window.ts';

/** The figures of a cohort, by its name; null: of all cohorts together. */
type ByCohort<T> = (cohort: string | null) => T;

/**
 * Holds a run against its thresholds, an interval at a time. It keeps figures of its own, of the metrics and cohorts
 * that some threshold speaks of, so that intervals which are not to be judged can be left out.
 */
export class ThresholdJudge {
  readonly #judged: readonly JudgedThreshold[];
  readonly #runs: ReadonlyMap<string | null, RunFigures>;
  readonly #windows: readonly CohortWindow[];
  #abort: string | null = null;

  constructor(thresholds: readonly ThresholdProfile[]) {
    this.#judged = thresholds.map((plan) => new JudgedThreshold(plan));
    const cohorts = new Set(this.#judged.map(({ threshold }) => threshold.cohort));
    this.#runs = new Map(
      Array.from(cohorts, (cohort) => {
        const own = this.#judged.filter(({ threshold, plan }) => {
          return threshold.cohort === cohort && plan.windowUs === null;
        });
        return [cohort, new RunFigures(metricsOf(own))];
      }),
    );
    this.#windows = cohortWindows(this.#judged);
  }

  /** Why the run has to end now, in words; null: it may go on. */
  get abort(): string | null {
    return this.#abort;
  }

  /**
   * Takes the next interval.
   * @returns true when the run has to end because of it
   */
  addInterval(figuresOf: ByCohort<IntervalFigures>): boolean {
    for (const [cohort, run] of this.#runs) run.add(figuresOf(cohort));
    const { endUs, phase, valid } = figuresOf(null);
    if (phase !== 'measure' || !valid || this.#abort !== null) return false;
    const failing = [...this.#judgeWindows(figuresOf), ...this.#judgeSoFar(endUs)];
    const ending = failing.filter(({ plan }) => plan.abortOnFail && endUs >= plan.delayUs);
    for (const judged of ending) judged.settle();
    const [first] = ending;
    if (first === undefined) return false;
    this.#abort = `the threshold '${first.threshold.expr}' failed, and the plan ends the run for it (abortOnFail)`;
    return true;
  }

  /** Takes what was counted outside of any interval: the dials of a run that never came further. */
  addCounters(countersOf: ByCohort<Counters>): void {
    for (const [cohort, run] of this.#runs) run.addCounters(countersOf(cohort));
  }

  /** How they fared so far, for whoever goes on with the run; windows begin anew. */
  state(): ThresholdsState {
    return {
      decisive: this.#judged.map(({ decisive }) => decisive),
      runs: Array.from(this.#runs, ([cohort, figures]) => ({ cohort, figures: figures.state() })),
    };
  }

  /** Adds what `state` gave of the part of the run before it broke off. */
  restore({ decisive, runs }: ThresholdsState): void {
    this.#judged.forEach((judged, index) => judged.restore(decisive[index] ?? null));
    for (const { cohort, figures } of runs) this.#runs.get(cohort)?.restore(figures);
  }

  /** What every threshold came to, in the order of the profile. */
  results(factsOf: ByCohort<RunFacts>): ThresholdResult[] {
    for (const judged of this.#judged) {
      const { cohort } = judged.threshold;
      const run = this.#runs.get(cohort);
      if (run !== undefined) judged.judgeRun(run.observed(factsOf(cohort)));
    }
    return this.#judged.map((judged) => judged.result());
  }

  #judgeWindows(figuresOf: ByCohort<IntervalFigures>): JudgedThreshold[] {
    return this.#windows.flatMap(({ cohort, window, judged }) => {
      const interval = figuresOf(cohort);
      window.add(interval);
      if (!window.isFull) return [];
      const figures = window.observed();
      return judged.filter((one) => !one.judgeWindow(figures, interval.endUs));
    });
  }

  #judgeSoFar(endUs: number): JudgedThreshold[] {
    return this.#judged.filter((judged) => {
      const { plan, threshold } = judged;
      const run = this.#runs.get(threshold.cohort);
      if (!plan.abortOnFail || plan.windowUs !== null || run === undefined) return false;
      return !judged.judgeSoFar(run.observed(null), endUs);
    });
  }
}

/** A window of one length of one cohort serves all thresholds that have it. */
interface CohortWindow {
  cohort: string | null;
  window: SlidingWindow;
  judged: JudgedThreshold[];
}

function cohortWindows(judged: readonly JudgedThreshold[]): CohortWindow[] {
  const groups = new Map<string, JudgedThreshold[]>();
  for (const one of judged) {
    if (one.plan.windowUs === null) continue;
    const key = `${one.plan.windowUs}:${one.threshold.cohort ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return Array.from(groups.values(), (group) => {
    const [first] = group;
    const windowUs = first?.plan.windowUs ?? 0;
    return {
      cohort: first?.threshold.cohort ?? null,
      window: new SlidingWindow(windowUs, metricsOf(group)),
      judged: group,
    };
  });
}

function metricsOf(judged: readonly JudgedThreshold[]): Set<Metric> {
  return new Set(
    judged.flatMap(({ threshold: { figure } }) => ('metric' in figure.source ? [figure.source.metric] : [])),
  );
}
