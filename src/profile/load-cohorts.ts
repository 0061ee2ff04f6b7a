import { isCohortPath } from './cohorts.ts';
import type { CohortSources } from './cohort-sources.ts';
import { flagOf } from './flags.ts';
import { stagesDurationUs } from './load-model.ts';
import { resolveProfile } from './profile-defaults.ts';
import type { ProfileFault } from './profile-fault.ts';
import type { CohortProfile, Profile, ThresholdProfile } from './profile.ts';
import { STRENGTH, type GivenKeys } from './profile-source.ts';
import type { ProfilePath } from './profile-values.ts';
import { givenValues, mergeSources, type MergedSources } from './source-merge.ts';
import { parseThreshold } from './threshold/threshold.ts';

/** A cohort that was read: what was given for it, by itself or for all, and the plan that this makes. */
export interface LoadedCohort {
  name: string;
  merged: MergedSources;
  /** The whole plan of its connections. */
  plan: Profile;
}

/**
 * Reads the cohorts. What is said of a cohort weighs more than what is said of all, whichever source says it: a flag
 * sets what cohorts have in common, and `--set cohorts.NAME...` what one of them has.
 */
export function loadCohorts(sources: CohortSources, profileName: string): LoadedCohort[] {
  const loaded = Array.from(sources.cohorts, ([name, own]) => {
    const merged = mergeSources([...sources.run, ...own]);
    return { name, merged, plan: resolveProfile(givenValues(merged.given), profileName) };
  });
  // A run without a duration lasts as long as the longest stages of any of its cohorts.
  const stagesUs = Math.max(0, ...loaded.map(({ plan }) => stagesDurationUs(plan.stages)));
  return loaded.map(({ name, merged, plan }) => ({
    name,
    merged,
    plan: {
      ...plan,
      durationUs: merged.given.has('duration') || stagesUs === 0 ? plan.durationUs : stagesUs,
    },
  }));
}

/** The run's profile with its cohorts in it; thresholds of cohorts stand among the run's, with their names. */
export function withCohorts(profile: Profile, loaded: readonly LoadedCohort[]): Profile {
  const [first] = loaded;
  if (first === undefined) return profile;
  return {
    ...profile,
    durationUs: first.plan.durationUs,
    thresholds: [...profile.thresholds, ...loaded.flatMap(ownThresholds)],
    cohorts: loaded.map(toCohort),
  };
}

/** The thresholds that a cohort has of its own, each with its name before it; those of the run judge the whole. */
export function ownThresholds({ name, merged, plan }: LoadedCohort): ThresholdProfile[] {
  if (!isOwn(merged.given, 'thresholds')) return [];
  return plan.thresholds.map((threshold) => {
    const { cohort, expr } = parseThreshold(threshold.expr);
    return { ...threshold, expr: cohort === null ? `${name}:${expr}` : expr };
  });
}

/** Whether the value at `path` was given for the cohort itself. */
export function isOwn(given: GivenKeys, path: ProfilePath): boolean {
  return (given.get(path)?.strength ?? 0) > STRENGTH.flags;
}

/** Flags and variables that every cohort overrides: whoever gave them would wonder why nothing changed. */
export function overriddenFaults(run: GivenKeys, loaded: readonly LoadedCohort[]): ProfileFault[] {
  const [first] = loaded;
  if (first === undefined) return [];
  return [...run].flatMap(([path, { strength, origin }]) => {
    if (strength === STRENGTH.file || !isCohortPath(path) || path === 'thresholds') return [];
    if (!loaded.every(({ merged }) => merged.given.get(path)?.strength !== strength)) return [];
    const flag = flagOf(path);
    const sample = `--set cohorts.${first.name}.${path}=...`;
    const message =
      `has no effect, since every cohort says otherwise by keys of its own; write ${sample} to change one of them, or ` +
      `drop ${flag === null ? path : `--${flag.name}`}`;
    return [{ ...origin, path, message }];
  });
}

function toCohort({ name, plan }: LoadedCohort): CohortProfile {
  const { connections, load, stages, frame, payload, preface, match, timeouts, heartbeat, socket } = plan;
  return { name, connections, load, stages, frame, payload, preface, match, timeouts, heartbeat, socket };
}
