import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { cohortPlans, isCohortPath } from './cohorts.ts';
import { effectiveValues } from './effective-values.ts';
import type { PlainEntries, PlainValue } from './key-kinds.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from './profile-keys.ts';
import type { Profile } from './profile.ts';
import type { ProfilePath, ProfileValues } from './profile-values.ts';

type Plain = PlainValue | PlainEntries;

/** A profile as a plain object: keys nested as in YAML, quantities with their units. */
export interface PlainProfile {
  [key: string]: Plain | { [key: string]: Plain } | { [key: string]: PlainProfile };
}

/** The effective profile as YAML with units, every default settled; it loads back to the same profile. */
export function formatProfile(profile: Profile): string {
  return stringify(profileToJson(profile), { lineWidth: 0 });
}

/**
 * The effective profile as a plain object for JSON, of the same keys and values as its YAML. Unset keys are absent; a
 * cohort has the keys in which it differs from what stands at the top, null where it has not what stands there.
 */
export function profileToJson(profile: Profile): PlainProfile {
  const values = effectiveValues(profile);
  const plain = nested(PROFILE_PATHS.map((path) => [path, writeKey(path, values)] as const));
  if (profile.cohorts.length === 0) return plain;
  const cohorts = cohortPlans(profile).map(
    ({ name, plan }) => [name ?? '', differences(plan, values)] as const,
  );
  return { ...plain, cohorts: Object.fromEntries(cohorts) };
}

function differences(plan: Profile, common: ProfileValues): PlainProfile {
  const values = effectiveValues(plan);
  const own = PROFILE_PATHS.filter((path) => isCohortPath(path) && path !== 'thresholds').flatMap((path) => {
    const written = writeKey(path, values);
    return isDeepStrictEqual(written, writeKey(path, common)) ? [] : [[path, written ?? UNSET] as const];
  });
  return nested(own);
}

function nested(entries: readonly (readonly [ProfilePath, Plain])[]): PlainProfile {
  const plain: PlainProfile = {};
  const groups = new Map<string, { [key: string]: Plain }>();
  for (const [path, value] of entries) {
    if (value === null) continue;
    const written = value === UNSET ? null : value;
    const [group = '', name] = path.split('.');
    if (name === undefined) {
      plain[group] = written;
    } else {
      const keys = groups.get(group) ?? {};
      plain[group] = keys;
      keys[name] = written;
      groups.set(group, keys);
    }
  }
  return plain;
}

/** Stands for a null that is written, since it takes back what stands at the top. */
const UNSET: PlainValue = ['unset'];

function writeKey<P extends ProfilePath>(path: P, values: ProfileValues): Plain {
  const { kind } = PROFILE_KEYS[path];
  return kind.writeEntries === undefined ? kind.write(values[path]) : kind.writeEntries(values[path]);
}
