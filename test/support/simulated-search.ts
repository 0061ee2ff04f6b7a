import type { Random } from '../../src/base/random.ts';
import {
  nextStep,
  searchBounds,
  type SearchBounds,
  type SearchEnding,
} from '../../src/analysis/capacity/search.ts';
import type { SearchGoal, SearchTrial, TrialVerdict } from '../../src/analysis/capacity/search-goal.ts';

/** A target that a search is tried on: what a trial at `load` comes to. */
export type SimulatedTarget = (load: number) => TrialVerdict;

/** The usual goal, from a load far below what the targets carry. */
export const GOAL: SearchGoal = {
  startLoad: 1000,
  minLoad: 4,
  ceiling: null,
  trials: 5,
  exceedRatio: 0.5,
  width: 0.02,
  confirmTrials: 14,
  wholeLoads: false,
};

/** What a search came to. */
export interface SimulatedResult extends SearchBounds {
  ending: SearchEnding;
  trials: SearchTrial[];
}

/** Searches until the end. */
export function simulateSearch(goal: SearchGoal, target: SimulatedTarget): SimulatedResult {
  const trials: SearchTrial[] = [];
  for (;;) {
    const step = nextStep(goal, trials);
    if (step.do === 'end') return { ...searchBounds(goal, trials), ending: step.ending, trials };
    trials.push({ load: step.load, purpose: step.purpose, verdict: target(step.load) });
  }
}

/** Passes up to `capacity`, but for a share of its windows in which it stalls whatever the load. */
export function stallingTarget(capacity: number, stallShare: number, random: Random): SimulatedTarget {
  return (load) => (load <= capacity && random.fraction() >= stallShare ? 'good' : 'bad');
}
