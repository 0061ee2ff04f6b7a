import { loadProfile } from '../../src/profile/load-profile.ts';
import { ProfileError } from '../../src/profile/profile-fault.ts';
import type { Profile } from '../../src/profile/profile.ts';

/** What a profile is loaded from; what is left out gives nothing. */
export interface Sources {
  yaml?: string;
  env?: Record<string, string>;
  flags?: Record<string, unknown>;
  sets?: string[];
}

/** The profile 'plan' that the sources make; faults name its file plan.yaml. */
export function load({ yaml, env = {}, flags = {}, sets = [] }: Sources): Profile {
  return loadProfile({ name: 'plan', text: yaml ?? null, file: 'plan.yaml' }, env, flags, sets);
}

/** The faults as the user reads them, one a line. */
export function faultsOf(sources: Sources): string[] {
  try {
    load(sources);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}
