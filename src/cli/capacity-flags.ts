import type { LoadKind } from '../analysis/capacity/capacity-result.ts';
import type { LoadCeiling, SearchGoal } from '../analysis/capacity/search-goal.ts';
import { OperatingError } from '../base/errors.ts';
import { parseCount, parseDuration, parseRate, UnitError } from '../base/units.ts';

/** The flags of a search as commander has them; the profile's own flags lie beside them. */
export interface SearchFlags {
  of?: string;
  trial?: string;
  trials?: string;
  exceed?: string;
  width?: string;
  loss?: string;
  limit?: string;
  start?: string;
  max?: string;
  confirm?: string;
}

/** What the flags of a search say, in the units of the search. */
export interface SearchWishes {
  of: LoadKind;
  measuredUs: number;
  trials: number;
  exceedRatio: number;
  width: number;
  lossRatioMax: number;
  limitUs: number | null;
  startLoad: number | null;
  ceiling: LoadCeiling | null;
  confirmTrials: number;
}

/**
 * Reads the flags of a search.
 * @throws {OperatingError} naming the flag that cannot be read (ERR_USAGE)
 */
export function readSearchFlags(flags: SearchFlags): SearchWishes {
  const of = kindOf(flags.of ?? 'rate');
  const load = of === 'rate' ? parseRate : parseCount;
  const most = given(flags.max, (text) => read('--max', text, load));
  const trials = read('--trials', flags.trials ?? '5', parseCount);
  if (trials < 1 || trials > TRIALS_A_LOAD_MAX || trials % 2 === 0) {
    throw flagError(
      '--trials',
      `must be an odd number from 1 to ${TRIALS_A_LOAD_MAX}, so that a majority decides: current value is ${trials}`,
    );
  }
  const wishes = {
    of,
    trials,
    measuredUs: read('--trial', flags.trial ?? '10s', parseDuration),
    exceedRatio: share('--exceed', flags.exceed ?? '50%', { below: 100 }),
    width: share('--width', flags.width ?? '2%', { from: WIDTH_PERCENT_MIN, below: 100 }),
    lossRatioMax: share('--loss', flags.loss ?? '0.1%', { below: 100 }),
    limitUs: given(flags.limit, (text) => read('--limit', text, parseDuration)),
    startLoad: given(flags.start, (text) => read('--start', text, load)),
    ceiling: most === null ? null : ({ load: most, by: 'asked', why: '--max' } as const),
    confirmTrials: read('--confirm', flags.confirm ?? '14', parseCount),
  };
  refuseOdd(wishes);
  return wishes;
}

/** The goal of a search from what is wished and what the profile and the machine add. */
export function goalOf(wishes: SearchWishes, startLoad: number, machine: LoadCeiling | null): SearchGoal {
  const { ceiling, trials, exceedRatio, width, confirmTrials, of } = wishes;
  const bounds = [ceiling, machine].flatMap((bound) => bound ?? []);
  return {
    startLoad,
    minLoad: of === 'rate' ? startLoad / START_OVER_MIN : Math.max(1, Math.floor(startLoad / START_OVER_MIN)),
    ceiling:
      bounds.length === 0 ? null : bounds.reduce((least, one) => (one.load < least.load ? one : least)),
    trials,
    exceedRatio,
    width,
    confirmTrials,
    wholeLoads: of === 'connections',
  };
}

function refuseOdd({ measuredUs, startLoad, ceiling, confirmTrials }: SearchWishes): void {
  if (measuredUs < TRIAL_US_MIN)
    throw flagError('--trial', 'must be at least 100ms: shorter trials see only chance');
  if (startLoad === 0 || ceiling?.load === 0)
    throw flagError(startLoad === 0 ? '--start' : '--max', 'must be above 0');
  if (startLoad !== null && ceiling !== null && startLoad > ceiling.load)
    throw flagError('--start', 'must not be above --max');
  if (confirmTrials < 1 || confirmTrials > CONFIRM_TRIALS_MAX)
    throw flagError(
      '--confirm',
      `must be from 1 to ${CONFIRM_TRIALS_MAX}: current value is ${confirmTrials}`,
    );
}

function kindOf(text: string): LoadKind {
  if (text === 'rate' || text === 'connections') return text;
  throw flagError('--of', `must be rate or connections: current value is ${JSON.stringify(text)}`);
}

function given<T>(text: string | undefined, parse: (text: string) => T): T | null {
  return text === undefined ? null : parse(text);
}

function read(flag: string, text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof UnitError) throw flagError(flag, `cannot be read: ${error.message}`);
    throw error;
  }
}

/** A percentage as a share; percents alone, since 2 could be meant for 2%. */
function share(flag: string, text: string, { from = 0, below }: { from?: number; below: number }): number {
  const [, decimal] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const percent = Number(decimal);
  // A numeral's own conversion rounds once; a division by a hundred would round twice.
  if (percent >= from && percent < below) return Number(`${decimal}e-2`);
  throw flagError(
    flag,
    `must read like 2%, from ${from}% to below ${below}%: current value is ${JSON.stringify(text)}`,
  );
}

function flagError(flag: string, what: string): OperatingError {
  return new OperatingError('ERR_USAGE', `Cannot search for capacity: ${flag} ${what}`);
}

/** The lowest load that is tried is the start load over this. */
const START_OVER_MIN = 256;
/** More settle a load no better than the second look does. */
const TRIALS_A_LOAD_MAX = 99;
const CONFIRM_TRIALS_MAX = 1000;
const TRIAL_US_MIN = 100_000;
/** Loads have four digits. */
const WIDTH_PERCENT_MIN = 0.1;
