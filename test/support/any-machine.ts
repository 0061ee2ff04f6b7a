import { HEALTH_BOUNDS } from '../../src/profile/health-profile.ts';

/** Flags for a run where what else this machine does decides neither what is judged nor whether the run is valid. */
export const ANY_MACHINE: readonly string[] = HEALTH_BOUNDS.flatMap((bound) => [
  '--set',
  `health.${bound}=off..off`,
]);
