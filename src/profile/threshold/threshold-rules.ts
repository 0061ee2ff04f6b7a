import { closestWord } from '../../base/suggestion.ts';
import { formatDuration } from '../../base/units.ts';
import { cohortPlans } from '../cohorts.ts';
import { unless, type ProfileRule } from '../profile-rule.ts';
import type { Profile, ThresholdProfile } from '../profile.ts';
import { FIGURE_NEEDS, KEYS_OF_NEEDS, unmetNeed } from './figure-needs.ts';
import { growsOnly, isOfWholeRun } from './figures.ts';
import { parseThreshold, type Threshold } from './threshold.ts';

/** What thresholds ask of the plan: a figure that the run cannot have is no demand at all. */
export const THRESHOLD_RULES: readonly ProfileRule[] = [
  { at: 'thresholds', reads: KEYS_OF_NEEDS, complaints: needComplaints },
  { at: 'thresholds', reads: ['duration', 'warmup', 'stages'], complaints: timeComplaints },
  { at: 'thresholds', reads: [], complaints: abortComplaints },
];

/**
 * Why the engine that was picked cannot observe what thresholds speak of, a sentence each.
 * @param engine the engine that runs, or `auto` where it is not known yet
 */
export function engineComplaints(profile: Profile, engine: Profile['engine']): string[] {
  if (engine !== 'node') return [];
  return parsed(profile)
    .filter(({ threshold }) => threshold.figure.need === 'epoll')
    .map(
      ({ threshold: { expr, figure } }) =>
        `'${expr}' cannot be judged: the node engine cannot see ${figure.name}; run with --engine epoll, or drop the threshold`,
    );
}

interface ParsedThreshold {
  profile: ThresholdProfile;
  threshold: Threshold;
}

function parsed({ thresholds }: Profile): ParsedThreshold[] {
  return thresholds.map((profile) => ({ profile, threshold: parseThreshold(profile.expr) }));
}

/** The plan of each cohort by its name; none where the profile has no cohorts. */
function plansByName(profile: Profile): ReadonlyMap<string, Profile> {
  return new Map(
    cohortPlans(profile).flatMap(({ name, plan }): [string, Profile][] =>
      name === null ? [] : [[name, plan]],
    ),
  );
}

function needComplaints(profile: Profile): string[] {
  const cohorts = plansByName(profile);
  const complaints = parsed(profile).flatMap(({ threshold: { cohort, figure, expr } }) => {
    const plans = cohort === null ? allPlans(profile, cohorts) : ownPlan(cohorts, cohort);
    if (plans.length === 0 && cohort !== null) return [unknownCohort(expr, cohort, cohorts)];
    const { need } = figure;
    const unmet = need === null ? [] : plans.map((plan) => unmetNeed(need, plan));
    const [missing = null] = unmet;
    if (missing === null || unmet.includes(null)) return [];
    const { why, advice } = FIGURE_NEEDS[missing];
    return [`'${expr}' cannot be judged: ${figure.name} ${why}; ${advice}, or drop the threshold`];
  });
  return [...complaints, ...engineComplaints(profile, profile.engine)];
}

function allPlans(profile: Profile, cohorts: ReadonlyMap<string, Profile>): Profile[] {
  return cohorts.size === 0 ? [profile] : [...cohorts.values()];
}

function ownPlan(cohorts: ReadonlyMap<string, Profile>, name: string): Profile[] {
  const plan = cohorts.get(name);
  return plan === undefined ? [] : [plan];
}

function unknownCohort(expr: string, cohort: string, cohorts: ReadonlyMap<string, Profile>): string {
  if (cohorts.size === 0) {
    return `'${expr}' speaks of the cohort ${cohort}, and the profile has no cohorts; drop '${cohort}:'`;
  }
  const meant = closestWord(cohort, cohorts.keys());
  const hint =
    meant === null ? `the cohorts are ${[...cohorts.keys()].join(', ')}` : `did you mean ${meant}?`;
  return `'${expr}' speaks of the cohort ${cohort}, which the profile has not; ${hint}`;
}

function timeComplaints(profile: Profile): string[] {
  const measuredUs = profile.durationUs - profile.warmupUs;
  return parsed(profile).flatMap(({ profile: { windowUs, delayUs }, threshold: { expr, figure } }) => [
    ...unless(
      windowUs === null || !isOfWholeRun(figure),
      `'${expr}' cannot have a window: ${figure.name} is known of the whole run alone; drop window`,
    ),
    ...unless(
      windowUs === null || windowUs <= measuredUs,
      `'${expr}' has a window of ${formatDuration(windowUs ?? 0)}, and only ${formatDuration(measuredUs)} are ` +
        'measured, so that none would ever be full; shorten the window, or run longer',
    ),
    ...unless(
      delayUs < profile.durationUs,
      `'${expr}' has a delay of ${formatDuration(delayUs)}, and the run lasts ${formatDuration(profile.durationUs)}; ` +
        'shorten the delay, or drop abortOnFail',
    ),
  ]);
}

/** Before its end, a count that still grows can prove that there were too many, but not that there are too few. */
function abortComplaints(profile: Profile): string[] {
  return parsed(profile).flatMap(({ profile: { windowUs, abortOnFail }, threshold }) => {
    const { expr, figure, operator, value } = threshold;
    if (!abortOnFail) return [];
    if (isOfWholeRun(figure)) {
      return [`'${expr}' cannot end the run: ${figure.name} is known at its end alone; drop abortOnFail`];
    }
    const provesItself = operator === '<' || operator === '<=' || (operator === '==' && value === 0);
    return unless(
      windowUs !== null || provesItself || !growsOnly(figure),
      `'${expr}' cannot end the run: ${figure.name} still grows until its end; give it a window, or drop abortOnFail`,
    );
  });
}
