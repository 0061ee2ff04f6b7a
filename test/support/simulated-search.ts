import { Random } from '../../src/base/random.ts';
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

/** What many searches came to, as shares of the truth. */
export interface Shares {
  least: number;
  median: number;
  most: number;
  /** Which share of the searches ended below that share of the truth. */
  below: (share: number) => number;
  /** Of the trials that a search took. */
  medianTrials: number;
}

/** Searches `seeds` targets whose capacities lie anywhere between 1.5 and 192 times the start load. */
export function summarizeShares(stallShare: number, seeds: number): Shares {
  const shares: number[] = [];
  const trials: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const random = new Random(seed, 7);
    const capacity = 1500 * 2 ** (7 * random.fraction());
    const found = simulateSearch(GOAL, stallingTarget(capacity, stallShare, random));
    shares.push((found.lower ?? 0) / capacity);
    trials.push(found.trials.length);
  }
  shares.sort((a, b) => a - b);
  trials.sort((a, b) => a - b);
  const middle = Math.floor(seeds / 2);
  return {
    least: shares[0] ?? NaN,
    median: shares[middle] ?? NaN,
    most: shares.at(-1) ?? NaN,
    below: (share) => shares.filter((found) => found < share).length / seeds,
    medianTrials: trials[middle] ?? NaN,
  };
}
