import { isIP } from 'node:net';
import { isOpenModel, peakConnections } from './load-model.ts';
import type { CohortProfile, Profile } from './profile.ts';
import { expandSourceIps } from './source-ips.ts';
import type { ProfilePath } from './profile-values.ts';

/** The sections of a profile that a cohort may have of its own; all others belong to the run. */
export const COHORT_SECTIONS = [
  'connections',
  'load',
  'stages',
  'frame',
  'payload',
  'preface',
  'match',
  'timeouts',
  'heartbeat',
  'socket',
  'thresholds',
] as const;

/** Whether the key at `path` lies in a section that a cohort may have of its own. */
export function isCohortPath(path: ProfilePath): boolean {
  const [section = ''] = path.split('.');
  return COHORT_SECTIONS.some((known) => known === section);
}

/** One cohort with all that its connections go by: the run's own keys and the cohort's sections. */
export interface NamedPlan {
  /** Null for the connections of a profile without cohorts. */
  name: string | null;
  plan: Profile;
}

/** A profile that may have been stored before there were cohorts. */
type AnyProfile = Omit<Profile, 'cohorts'> & Partial<Pick<Profile, 'cohorts'>>;

/** The cohorts of a profile, each as a whole plan, in the profile's order: one without a name where it has none. */
export function cohortPlans(profile: AnyProfile): NamedPlan[] {
  const cohorts = profile.cohorts ?? [];
  if (cohorts.length === 0) return [{ name: null, plan: { ...profile, cohorts: [] } }];
  return cohorts.map((cohort) => ({ name: cohort.name, plan: cohortPlan(profile, cohort) }));
}

function cohortPlan(profile: AnyProfile, { name, ...sections }: CohortProfile): Profile {
  return { ...profile, ...sections, label: `${profile.label} (${name})`, cohorts: [] };
}

/** The most connections that all cohorts together have at one time. */
export function plannedConnections(profile: AnyProfile): number {
  return cohortPlans(profile).reduce((sum, { plan }) => sum + peakConnections(plan), 0);
}

/** Whether some frames are due by the clock, and whether all are: a run may have both kinds. */
export function loadModels(profile: AnyProfile): { someOpen: boolean; allOpen: boolean } {
  const models = new Set(cohortPlans(profile).map(({ plan }) => isOpenModel(plan)));
  return { someOpen: models.has(true), allOpen: !models.has(false) };
}

/** Whether all connections only listen, so that no frame is ever sent but heartbeats. */
export function onlyListens(profile: AnyProfile): boolean {
  return cohortPlans(profile).every(({ plan }) => plan.load.send === 'off');
}

/**
 * Local addresses from which each address of the target is dialled, each with ports of its own; 1 where the kernel
 * chooses one. Sources of another family serve no dial. The target's addresses take turns, so where they are of two
 * families the one with fewer sources is full first.
 * @param families of the target's addresses, see `tcpFamilies`
 */
export function sourceAddresses(profile: AnyProfile, families: readonly (4 | 6)[]): number {
  const lists = cohortPlans(profile).map(({ plan }) => expandSourceIps(plan.connections.sourceIps));
  const sources = [...new Set(lists.flat())].map((source) => isIP(source));
  const fitting = families.map((family) => sources.filter((source) => source === family).length);
  // A cohort that leaves the choice to the kernel has only the one address that it chooses.
  return Math.max(1, Math.min(...(fitting.length === 0 ? [sources.length] : fitting)));
}

/** The longest that a dial of any cohort may take, in microseconds. */
export function connectTimeoutUs(profile: AnyProfile): number {
  return Math.max(...cohortPlans(profile).map(({ plan }) => plan.timeouts.connectUs));
}
