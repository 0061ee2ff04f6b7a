import type { ProfileFile } from './profile-file.ts';
import { ProfileError, type Origin, type ProfileFault } from './profile-fault.ts';
import { resolveProfile } from './profile-defaults.ts';
import type { ProfileRule } from './profile-rule.ts';
import { PROFILE_RULES } from './profile-rules.ts';
import type { Profile } from './profile.ts';
import type { GivenKeys } from './profile-source.ts';
import { givenValues, mergeSources, type MergedSources } from './source-merge.ts';
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
  const merged = mergeSources([
    ...(text === null ? [] : [yamlSource(text, file ?? name)]),
    ...environmentSources(environment),
    ...flagSources(flags),
    ...setSources(sets),
  ]);
  const profile = resolveProfile(givenValues(merged.given), name);
  const faults = [...merged.faults, ...ruleFaults(profile, merged)];
  if (faults.length > 0) throw new ProfileError(name, faults);
  return profile;
}

function ruleFaults(profile: Profile, { given, unknownPaths }: MergedSources): ProfileFault[] {
  if (unknownPaths === null) return [];
  return PROFILE_RULES.filter((rule) => isKnown(rule, unknownPaths)).flatMap((rule) =>
    rule
      .complaints(profile, given)
      .map((message) => ({ ...originOf(rule, given), path: rule.at, message: placed(rule, given, message) })),
  );
}

function isKnown(rule: ProfileRule, unknownPaths: ReadonlySet<string>): boolean {
  return [rule.at, ...rule.reads].every(
    (path) => !unknownPaths.has(path) && !unknownPaths.has(path.split('.')[0] ?? ''),
  );
}

function originOf(rule: ProfileRule, given: GivenKeys): Origin {
  const paths = [rule.at, ...rule.reads];
  return paths.map((path) => given.get(path)?.origin).find((origin) => origin !== undefined) ?? {};
}

/** At another key's place the sentence must name its own key. */
function placed(rule: ProfileRule, given: GivenKeys, message: string): string {
  return given.has(rule.at) || originOf(rule, given).source === undefined ? message : `${rule.at} ${message}`;
}
