import type { Profile } from './profile.ts';
import type { GivenKeys } from './profile-source.ts';
import type { ProfilePath } from './profile-values.ts';

/**
 * What ties keys to each other. A rule speaks about one key and reads others; it is silent where one of them is
 * unknown because of a fault of its own.
 */
export interface ProfileRule {
  /** The key that its complaint stands at, or, where that was not given, the first given of `reads`. */
  at: ProfilePath;
  /** The other keys it looks at. */
  reads: readonly ProfilePath[];
  /** Each thing that is wrong, as a sentence that says how to resolve it. */
  complaints(profile: Profile, given: GivenKeys): string[];
}

/** The complaint, unless all is well. */
export function unless(holds: boolean, complaint: string): string[] {
  return holds ? [] : [complaint];
}
