import type { Origin, ProfileFault } from './profile-fault.ts';
import type { ProfilePath } from './profile-values.ts';
import type { RawGroup } from './raw-tree.ts';

/** How much a source weighs: what a stronger one gives stands over what a weaker one gave. */
export const STRENGTH = { file: 1, environment: 2, flags: 3 } as const;

/** One of the numbers of STRENGTH, or of OWN_STRENGTH. */
export type Strength = 1 | 2 | 3 | 4 | 5 | 6;

/** How much a source weighs in what it says of one cohort alone: more than anything that is said of all. */
export const OWN_STRENGTH: Readonly<Record<Strength, Strength>> = { 1: 4, 2: 5, 3: 6, 4: 4, 5: 5, 6: 6 };

/** One file, one environment variable, one flag or one `--set`: what it gives, and where it stands. */
export interface ProfileSource {
  strength: Strength;
  tree: RawGroup;
  /** Where the key or the value at a path stands. */
  originOf(path: readonly string[], part: 'key' | 'value'): Origin;
  /** What is wrong with the source before its keys are looked at. */
  faults: readonly ProfileFault[];
  /** Paths that these faults leave unknown; null where nothing is known of what the source meant to give. */
  unknownPaths: readonly string[] | null;
}

/** A value and where it was given. */
export interface Given {
  value: unknown;
  strength: Strength;
  origin: Origin;
}

/** What was given in the end, by path. */
export type GivenKeys = ReadonlyMap<ProfilePath, Given>;
