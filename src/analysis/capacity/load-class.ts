import { assert } from '../../base/assert.ts';
import type { SearchGoal, SearchTrial } from './search-goal.ts';

/*
 * What the trials at one load say of it. With exceed ratio e and W trials that the load is to have in all, the load is
 * a lower bound as soon as even failing all trials that are still missing would leave the failed share at e or below,
 * and an upper bound as soon as passing them all would leave it above e; until then it is undecided.
 * Source: RFC 9971 (MLRsearch), load classification, with trials of one length.
 *
 * One thing is stricter than there. A load in which some trials passed is an upper bound only after a second look, of
 * 4 W + 1 trials in all: with stalls in 15% of the windows, three of five fail by chance in 2.7% of all loads that the
 * target does carry, and every search looks at several. A load whose trials all fail, as every load far above the
 * capacity does, costs no trial more.
 */

/** `lower`: the target carries it; `upper`: it does not; `ceiling`: the generator does not get there. */
export type LoadClass = 'lower' | 'upper' | 'undecided' | 'ceiling';

/** The class of a load by its trials of a search; those of other loads and purposes are not looked at. */
export function classifyLoad(load: number, trials: readonly SearchTrial[], goal: SearchGoal): LoadClass {
  const own = trials.filter((trial) => trial.load === load);
  if (isContradicted(own, goal)) return 'upper';
  const searched = own.filter(({ purpose }) => purpose === 'search');
  const good = countOf(searched, 'good');
  const bad = countOf(searched, 'bad');
  // More trials than a load is to have are there only because of a second look, which then decides.
  const first = good + bad > goal.trials ? 'upper' : settle({ good, bad, whole: goal.trials }, goal);
  const settled =
    first === 'upper' && good > 0 ? settle({ good, bad, whole: secondLook(goal) }, goal) : first;
  if (settled !== 'undecided') return settled;
  return countOf(searched, 'invalid') >= INVALID_TRIALS_MAX ? 'ceiling' : 'undecided';
}

/** Whether confirming trials failed so often that what the search had found does not hold. */
function isContradicted(own: readonly SearchTrial[], goal: SearchGoal): boolean {
  const confirming = own.filter(({ purpose }) => purpose === 'confirm');
  return countOf(confirming, 'bad') > goal.exceedRatio * goal.confirmTrials;
}

interface Tally {
  good: number;
  bad: number;
  /** Trials that are to be made. */
  whole: number;
}

function settle({ good, bad, whole }: Tally, { exceedRatio }: SearchGoal): 'lower' | 'upper' | 'undecided' {
  const sum = Math.max(whole, good + bad);
  assert(sum > 0, 'a load is settled by at least one trial');
  if ((sum - good) / sum <= exceedRatio) return 'lower';
  return bad / sum > exceedRatio ? 'upper' : 'undecided';
}

function secondLook({ trials }: SearchGoal): number {
  return 4 * trials + 1;
}

function countOf(trials: readonly SearchTrial[], wanted: SearchTrial['verdict']): number {
  return trials.reduce((sum, { verdict }) => sum + (verdict === wanted ? 1 : 0), 0);
}

/** Invalid trials at one load after which the generator counts as what is in the way there: one may be chance. */
export const INVALID_TRIALS_MAX: number = 3;
