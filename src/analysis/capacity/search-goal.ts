/** What a search for the most load looks for, and where. Loads are frames a second, or connections. */
export interface SearchGoal {
  /** The first load; from here on the search doubles. */
  startLoad: number;
  /** A target that fails this load carries nothing worth a number. */
  minLoad: number;
  /** Loads beyond it are not tried. */
  ceiling: LoadCeiling | null;
  /** Trials that settle one load: an odd number. */
  trials: number;
  /** Share of the trials of a load that may fail while the load still counts as carried. */
  exceedRatio: number;
  /** Distance of the bounds, as a share of the upper one, at which the search ends. */
  width: number;
  /** Trials at the load that was found, apart from those by which it was found. */
  confirmTrials: number;
  /** Whether a load is a count. */
  wholeLoads: boolean;
}

/** Why there is a most that is tried. */
export interface LoadCeiling {
  load: number;
  /** `asked`: the user's own limit; `generator`: this machine can do no more, and `why` says of what. */
  by: 'asked' | 'generator';
  why: string;
}

/** One trial, as the search sees it. */
export interface SearchTrial {
  load: number;
  purpose: TrialPurpose;
  verdict: TrialVerdict;
}

/** `warmup`: counts for nothing; `search`: settles a load; `confirm`: proves what was found. */
export type TrialPurpose = 'warmup' | 'search' | 'confirm';

/** `invalid`: the generator stood in the way, so that the trial says nothing of the target. */
export type TrialVerdict = 'good' | 'bad' | 'invalid';
