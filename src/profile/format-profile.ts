import { stringify } from 'yaml';
import { effectiveValues } from './effective-values.ts';
import type { PlainEntries, PlainValue } from './key-kinds.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from './profile-keys.ts';
import type { Profile } from './profile.ts';
import type { ProfilePath, ProfileValues } from './profile-values.ts';

type Plain = PlainValue | PlainEntries;

/** A profile as a plain object: keys nested as in YAML, quantities with their units. */
export interface PlainProfile {
  [key: string]: Plain | { [key: string]: Plain };
}

/** The effective profile as YAML with units, every default settled; it loads back to the same profile. */
export function formatProfile(profile: Profile): string {
  return stringify(profileToJson(profile), { lineWidth: 0 });
}

/** The effective profile as a plain object for JSON, of the same keys and values as its YAML. Unset keys are absent. */
export function profileToJson(profile: Profile): PlainProfile {
  const values = effectiveValues(profile);
  const plain: PlainProfile = {};
  const groups = new Map<string, { [key: string]: Plain }>();
  for (const path of PROFILE_PATHS) {
    const value = writeKey(path, values);
    if (value === null) continue;
    const [group = '', name] = path.split('.');
    if (name === undefined) {
      plain[group] = value;
    } else {
      const keys = groups.get(group) ?? {};
      plain[group] = keys;
      keys[name] = value;
      groups.set(group, keys);
    }
  }
  return plain;
}

function writeKey<P extends ProfilePath>(path: P, values: ProfileValues): Plain {
  const { kind } = PROFILE_KEYS[path];
  return kind.writeEntries === undefined ? kind.write(values[path]) : kind.writeEntries(values[path]);
}
