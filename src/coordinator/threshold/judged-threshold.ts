import type { ThresholdProfile } from '../../profile/profile.ts';
import { formatFigure, unitOf } from '../../profile/threshold/figure-kinds.ts';
import { holds, parseThreshold, type Threshold } from '../../profile/threshold/threshold.ts';
import type { ThresholdResult } from '../../store/summary.ts';
import type { ObservedFigures } from './observed-figures.ts';
import { readFigure } from './read-figure.ts';

/** One threshold of a run, and what was observed for it so far. */
export class JudgedThreshold {
  readonly plan: ThresholdProfile;
  readonly threshold: Threshold;
  /** The observation that decides; null: there was none yet. */
  #decisive: Observation | null = null;
  /** Whether what comes later can no longer change it. */
  #isSettled: boolean = false;

  constructor(plan: ThresholdProfile) {
    this.plan = plan;
    this.threshold = parseThreshold(plan.expr);
  }

  /** Judges a full window that ended at `atUs`; the worst of all windows decides. Whether all so far held. */
  judgeWindow(figures: ObservedFigures, atUs: number): boolean {
    const observation = this.#observe(figures, atUs);
    if (this.#decisive === null || this.#isWorse(observation, this.#decisive)) this.#decisive = observation;
    return this.#decisive.ok;
  }

  /** Judges the run so far: false where it fails already. Times that have not come yet fail nothing. */
  judgeSoFar(figures: ObservedFigures, atUs: number): boolean {
    const observation = this.#observe(figures, atUs);
    if (observation.ok || observation.observed === null) return true;
    this.#decisive = observation;
    return false;
  }

  /** The run ends because of it: whatever its rest brings, this is what it failed by. */
  settle(): void {
    this.#isSettled = true;
  }

  /** What decides so far, for whoever goes on with the run. */
  get decisive(): Observation | null {
    return this.#decisive;
  }

  /** Takes what decided in the part of the run before it broke off. */
  restore(before: Observation | null): void {
    if (this.plan.windowUs !== null) this.#decisive = before;
  }

  /** Judges the run as a whole, which decides unless windows or the early end already did. */
  judgeRun(figures: ObservedFigures): void {
    if (this.plan.windowUs === null && !this.#isSettled) this.#decisive = this.#observe(figures, null);
  }

  result(): ThresholdResult {
    const { expr, figure, cohort, value } = this.threshold;
    const { windowUs } = this.plan;
    const decisive = this.#decisive ?? { ok: false, observed: null, atUs: null };
    const unit = unitOf(figure.kind);
    return {
      expr,
      ok: decisive.ok,
      observed: decisive.observed,
      unit,
      demanded: value,
      cohort,
      windowSeconds: windowUs === null ? null : windowUs / 1e6,
      worstAtMs: decisive.atUs === null ? null : Math.round(decisive.atUs / 1000),
      why: this.#describe(decisive),
    };
  }

  #describe({ ok, observed, atUs }: Observation): string | null {
    if (ok) return null;
    const { figure, cohort } = this.threshold;
    const place = atUs === null ? '' : ` at ${(atUs / 1e6).toFixed(1)}s`;
    const { windowUs } = this.plan;
    if (observed !== null) {
      const stretch = windowUs === null ? '' : ` in the window of ${windowUs / 1e6}s that ended`;
      const soFar = windowUs === null && atUs !== null ? ' of the run so far' : '';
      return `observed ${formatFigure(unitOf(figure.kind), observed)}${soFar}${stretch}${place}`;
    }
    if (windowUs !== null && atUs === null) return `no window of ${windowUs / 1e6}s was ever full`;
    const whose = cohort === null ? '' : ` of the cohort ${cohort}`;
    const stretch = windowUs === null ? '' : ` in the window of ${windowUs / 1e6}s that ended${place}`;
    return `no samples: nothing was observed for ${figure.name}${whose}${stretch}`;
  }

  #observe(figures: ObservedFigures, atUs: number | null): Observation {
    const observed = readFigure(this.threshold.figure.source, figures);
    return { observed, ok: observed !== null && holds(this.threshold, observed), atUs };
  }

  /** Nothing observed is the worst; the first of two that are as bad stays. */
  #isWorse(one: Observation, other: Observation): boolean {
    if (other.observed === null) return false;
    return one.observed === null || this.#badness(one.observed) > this.#badness(other.observed);
  }

  #badness(observed: number): number {
    const { operator, value } = this.threshold;
    switch (operator) {
      case '<':
      case '<=':
        return observed;
      case '>':
      case '>=':
        return -observed;
      case '==':
        return Math.abs(observed - value);
      case '!=':
        return -Math.abs(observed - value);
      default:
        return operator satisfies never;
    }
  }
}

/** What was observed once. */
export interface Observation {
  /** In the figure's base unit; null: there was nothing to observe. */
  observed: number | null;
  ok: boolean;
  /** End of its window, or of the run so far; null: the whole run. */
  atUs: number | null;
}
