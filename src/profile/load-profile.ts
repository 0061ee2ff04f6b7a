import { isCohortPath } from './cohorts.ts';
import { splitCohorts } from './cohort-sources.ts';
import {
  isOwn,
  loadCohorts,
  overriddenFaults,
  ownThresholds,
  withCohorts,
  type LoadedCohort,
} from './load-cohorts.ts';
import type { ProfileFile } from './profile-file.ts';
import { ProfileError, type Origin, type ProfileFault } from './profile-fault.ts';
import { resolveProfile } from './profile-defaults.ts';
import type { ProfileRule } from './profile-rule.ts';
import { PROFILE_RULES } from './profile-rules.ts';
import type { Profile } from './profile.ts';
import type { GivenKeys } from './profile-source.ts';
import type { ProfilePath } from './profile-values.ts';
import { givenValues, mergeSources, withoutRepeats, type MergedSources } from './source-merge.ts';
import { environmentSources, flagSources, setSources, type Environment } from './text-sources.ts';
import { yamlSource } from './yaml-source.ts';

/**
 * The validated profile of a run. Defaults are overridden by the file, the file by `TIDEMARK_*` variables, and these
 * by flags and `--set`; of two alternatives (a rate and a total rate, a size and a message) the stronger source's
 * stands. A message file is read to be checked, and read again by the run.
 * @param flags what commander's `opts()` gives
 * @param sets the texts of `--set path=value`
 * @throws {ProfileError} with every fault of every source (ERR_PROFILE_INVALID)
 * @example loadProfile({ name: 'adhoc', text: null, file: null }, {}, { duration: '5s' }, ['load.think=10ms'])
 */
export function loadProfile(
  { name, text, file }: ProfileFile,
  environment: Environment,
  flags: Readonly<Record<string, unknown>>,
  sets: readonly string[],
): Profile {
  const sources = splitCohorts([
    ...(text === null ? [] : [yamlSource(text, file ?? name)]),
    ...environmentSources(environment),
    ...flagSources(flags),
    ...setSources(sets),
  ]);
  const merged = mergeSources(sources.run);
  const cohorts = loadCohorts(sources, name);
  const profile = withCohorts(resolveProfile(givenValues(merged.given), name), cohorts);
  const faults = [
    ...merged.faults,
    ...sources.faults,
    ...cohorts.flatMap(shapeFaults),
    ...overriddenFaults(merged.given, cohorts),
    ...runFaults(profile, merged),
    ...cohorts.flatMap((cohort) => cohortFaults(cohort, profile)),
  ];
  if (faults.length > 0) throw new ProfileError(name, withoutRepeats(faults));
  return profile;
}

/** With cohorts, their sections are held to the rules in each of them and not in what they have in common. */
function runFaults(profile: Profile, merged: MergedSources): ProfileFault[] {
  const rules = PROFILE_RULES.filter(
    ({ at }) => profile.cohorts.length === 0 || !isCohortPath(at) || at === 'thresholds',
  );
  const thresholds = (merged.given.get('thresholds')?.value ?? []) as Profile['thresholds'];
  return ruleFaults(rules, { ...profile, thresholds }, merged, '');
}

/** What is said of a cohort alone; what is said of all was read with the run. */
function shapeFaults({ name, merged }: LoadedCohort): ProfileFault[] {
  return merged.ownFaults.map((fault) => ({ ...fault, path: `cohorts.${name}.${fault.path}` }));
}

function cohortFaults(cohort: LoadedCohort, profile: Profile): ProfileFault[] {
  const { name, merged, plan } = cohort;
  const rules = PROFILE_RULES.filter(({ at }) => isCohortPath(at));
  const byThreshold = (at: string): boolean => at === 'thresholds';
  const ofPlan = rules.filter(({ at }) => !byThreshold(at));
  const ofThresholds = isOwn(merged.given, 'thresholds') ? rules.filter(({ at }) => byThreshold(at)) : [];
  const prefix = `cohorts.${name}.`;
  return [
    ...ruleFaults(ofPlan, plan, merged, prefix),
    ...ruleFaults(ofThresholds, { ...profile, thresholds: ownThresholds(cohort) }, merged, prefix),
  ];
}

/** @param prefix of the paths of keys that a cohort has of its own */
function ruleFaults(
  rules: readonly ProfileRule[],
  profile: Profile,
  { given, unknownPaths }: MergedSources,
  prefix: string,
): ProfileFault[] {
  if (unknownPaths === null) return [];
  return rules
    .filter((rule) => isKnown(rule, unknownPaths))
    .flatMap((rule) =>
      rule.complaints(profile, given).map((message) => ({
        ...originOf(rule, given),
        path: isOwn(given, placeOf(rule, given)) ? `${prefix}${rule.at}` : rule.at,
        message: placed(rule, given, message),
      })),
    );
}

function isKnown(rule: ProfileRule, unknownPaths: ReadonlySet<string>): boolean {
  return [rule.at, ...rule.reads].every(
    (path) => !unknownPaths.has(path) && !unknownPaths.has(path.split('.')[0] ?? ''),
  );
}

/** The key that a rule's complaint stands at. */
function placeOf(rule: ProfileRule, given: GivenKeys): ProfilePath {
  return [rule.at, ...rule.reads].find((path) => given.has(path)) ?? rule.at;
}

function originOf(rule: ProfileRule, given: GivenKeys): Origin {
  return given.get(placeOf(rule, given))?.origin ?? {};
}

/** At another key's place the sentence must name its own key. */
function placed(rule: ProfileRule, given: GivenKeys, message: string): string {
  return given.has(rule.at) || originOf(rule, given).source === undefined ? message : `${rule.at} ${message}`;
}
