import { classifyLoad, INVALID_TRIALS_MAX, type LoadClass } from './load-class.ts';
import type { SearchGoal, SearchTrial, TrialPurpose } from './search-goal.ts';

/*
 * The search for the most load that a target carries, as a pure function: given the trials so far, it says which load
 * comes next, or that it is done and with which bounds. Nothing is kept between two calls, so a search that was killed
 * goes on from its list of trials.
 *
 * A trial at the start load warms everything up and counts for nothing. Loads double, a trial each, until one fails;
 * then they are settled by several trials each (`load-class.ts`) and bisected geometrically, until the bounds are
 * within the goal's width. The relevant upper bound is the lowest load that is one; the relevant lower bound the
 * highest below it. At last the lower bound is confirmed by trials that had no part in finding it; if they refute it,
 * the search goes on below.
 * Source: RFC 9971 (MLRsearch), relevant lower and upper bound, exceed ratio, goal width.
 */

/** What is to be done next. */
export type SearchStep =
  { do: 'measure'; load: number; purpose: TrialPurpose } | { do: 'end'; ending: SearchEnding };

/**
 * `found`: bounds within the width, and confirmed; `ceiling`: nothing below the ceiling failed, or the generator gave
 * out first; `nothing`: the lowest load fails; `unsettled`: too many trials without an end.
 */
export type SearchEnding = 'found' | 'ceiling' | 'nothing' | 'unsettled';

/** What is known of the most load. */
export interface SearchBounds {
  /** The relevant lower bound; null where nothing is known to be carried. */
  lower: number | null;
  /** The lowest load that is known not to be reached; null where there is none yet. */
  upper: number | null;
  /** Whether the target failed there, or only the generator. */
  upperBy: 'target' | 'generator' | null;
}

/** Which load comes next, given every trial so far in order. */
export function nextStep(goal: SearchGoal, trials: readonly SearchTrial[]): SearchStep {
  if (trials.length === 0) return measure(Math.min(goal.startLoad, ceilingLoad(goal)), 'warmup');
  if (trials.length >= TRIALS_MAX) return { do: 'end', ending: 'unsettled' };
  const bounds = searchBounds(goal, trials);
  const current = trials.findLast(({ purpose }) => purpose === 'search')?.load;
  if (current === undefined) return measure(Math.min(goal.startLoad, ceilingLoad(goal)));
  if (isOpenQuestion(current, goal, trials)) return measure(current);
  if (bounds.upper === null && bounds.lower !== ceilingLoad(goal)) {
    return measure(Math.min(rounded(2 * highestLoad(trials), goal), ceilingLoad(goal)));
  }
  if (bounds.lower === null) return lookBelow(bounds.upper ?? ceilingLoad(goal), goal, trials);
  const middle = bounds.upper === null ? null : between(bounds.lower, bounds.upper, goal);
  if (middle !== null) return measure(middle);
  const doubted = bounds.upperBy === 'target' ? doubtedUpper(bounds.upper, goal, trials) : null;
  return doubted === null ? confirm(bounds.lower, goal, trials) : measure(doubted);
}

/** The relevant bounds as the trials so far have them. */
export function searchBounds(goal: SearchGoal, trials: readonly SearchTrial[]): SearchBounds {
  const classes = classified(goal, trials);
  const lowest = (wanted: LoadClass): number =>
    Math.min(...classes.flatMap(([load, found]) => (found === wanted ? [load] : [])));
  const refused = lowest('upper');
  const unreached = lowest('ceiling');
  const upper = Math.min(refused, unreached);
  const carried = classes.flatMap(([load, found]) => (found === 'lower' && load < upper ? [load] : []));
  return {
    lower: carried.length === 0 ? null : Math.max(...carried),
    upper: upper === Infinity ? null : upper,
    upperBy: upper === Infinity ? null : refused <= unreached ? 'target' : 'generator',
  };
}

function classified(goal: SearchGoal, trials: readonly SearchTrial[]): [number, LoadClass][] {
  const loads = new Set(trials.flatMap(({ load, purpose }) => (purpose === 'warmup' ? [] : [load])));
  return Array.from(loads, (load) => [load, classifyLoad(load, trials, goal)]);
}

/**
 * Whether the load that was tried last is to be tried again: it is undecided, and one good trial is not enough for it, since
 * doubling is over (something has failed) or cannot go on.
 */
function isOpenQuestion(load: number, goal: SearchGoal, trials: readonly SearchTrial[]): boolean {
  if (classifyLoad(load, trials, goal) !== 'undecided') return false;
  const searched = trials.filter(({ purpose }) => purpose !== 'warmup');
  const hasPassed = searched.some((trial) => trial.load === load && trial.verdict === 'good');
  return !hasPassed || load >= ceilingLoad(goal) || searched.some(({ verdict }) => verdict === 'bad');
}

/** Loads that passed once while doubling come first; then a quarter of what failed. */
function lookBelow(upper: number, goal: SearchGoal, trials: readonly SearchTrial[]): SearchStep {
  const hopeful = trials.flatMap(({ load, verdict, purpose }) =>
    purpose === 'search' && verdict === 'good' && load < upper ? [load] : [],
  );
  if (hopeful.length > 0) return measure(Math.max(...hopeful));
  if (upper <= goal.minLoad) return { do: 'end', ending: 'nothing' };
  return measure(Math.max(rounded(upper / 4, goal), goal.minLoad));
}

/** The geometric middle of the bounds; null where they are close enough, or no load lies between them. */
function between(lower: number, upper: number, goal: SearchGoal): number | null {
  if ((upper - lower) / upper <= goal.width) return null;
  const middle = rounded(Math.sqrt(lower * upper), goal);
  return middle > lower && middle < upper ? middle : null;
}

/**
 * The upper bound that the search would end with, while it rests on fewer trials than a load is to have: three failures
 * are certainty once that many of five decide, but any load can have three bad windows in a row.
 */
function doubtedUpper(upper: number | null, goal: SearchGoal, trials: readonly SearchTrial[]): number | null {
  const own = trials.filter(({ load, purpose }) => load === upper && purpose !== 'warmup');
  return own.length < goal.trials ? upper : null;
}

function confirm(load: number, goal: SearchGoal, trials: readonly SearchTrial[]): SearchStep {
  const confirming = trials.filter((trial) => trial.purpose === 'confirm' && trial.load === load);
  const invalid = confirming.filter(({ verdict }) => verdict === 'invalid').length;
  const isDone = confirming.length - invalid >= goal.confirmTrials || invalid >= INVALID_TRIALS_MAX;
  if (!isDone) return measure(load, 'confirm');
  const { upperBy } = searchBounds(goal, trials);
  return { do: 'end', ending: upperBy === 'target' ? 'found' : 'ceiling' };
}

function measure(load: number, purpose: TrialPurpose = 'search'): SearchStep {
  return { do: 'measure', load, purpose };
}

function ceilingLoad({ ceiling }: SearchGoal): number {
  return ceiling?.load ?? Infinity;
}

function highestLoad(trials: readonly SearchTrial[]): number {
  return Math.max(...trials.flatMap(({ load, purpose }) => (purpose === 'search' ? [load] : [])));
}

/** Four digits tell loads apart that are 2% and less from each other, and read better than ten. */
function rounded(load: number, { wholeLoads }: SearchGoal): number {
  const short = Number(load.toPrecision(4));
  return wholeLoads ? Math.max(1, Math.round(short)) : short;
}

/** A search has forty to eighty trials; one that has so many goes in circles. */
const TRIALS_MAX = 1000;
