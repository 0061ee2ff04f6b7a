import { cohortPlans, connectTimeoutUs, plannedConnections, sourceAddresses } from '../profile/cohorts.ts';
import { peakConnections } from '../profile/load-model.ts';
import type { EngineChoice, Profile } from '../profile/profile.ts';
import type { TargetPlace } from './target-place.ts';

/** What a plan asks of the machine. */
export interface PlanNeeds {
  connections: number;
  /** Dials in progress at one time. */
  concurrentDials: number;
  connectTimeoutUs: number;
  workers: number;
  engine: EngineChoice;
  /** Local addresses from which each address of the target is dialled. */
  sourceAddresses: number;
  place: TargetPlace;
}

/** A plan to hold against the machine. */
export interface PlanInQuestion {
  label: string;
  needs: PlanNeeds;
  /** What a run would refuse of it on this machine, whatever its quantities. */
  refusals: Refusal[];
}

/** One limit held against one plan. */
export interface Finding {
  limit: LimitName;
  /** Null where the limit is no quantity, or not known. */
  needed: number | null;
  available: number | null;
  unit: 'count' | 'bytes' | 'seconds';
  verdict: LimitVerdict;
  /** What happens and what to type, in one line; null where there is nothing to do. */
  advice: string | null;
}

export type LimitName =
  | 'target'
  | 'engine'
  | 'source addresses'
  | 'socket options'
  | 'descriptors'
  | 'ports'
  | 'conntrack'
  | 'memory'
  | 'workers'
  | 'accept queue'
  | 'connect timeout';

/** Something that a run would refuse. */
interface Refusal {
  limit: 'engine' | 'source addresses' | 'socket options';
  /** In the run's own words. */
  message: string;
}

/** `tight` costs speed or truth without stopping the plan; `binds` stops it or makes it measure the machine. */
export type LimitVerdict = 'fits' | 'tight' | 'binds' | 'unknown';

/** What a profile asks for, given where its target is. */
export function planNeeds(profile: Profile, place: TargetPlace): PlanNeeds {
  return {
    connections: plannedConnections(profile),
    concurrentDials: cohortPlans(profile).reduce((sum, { plan }) => sum + dialsAtOnce(plan), 0),
    connectTimeoutUs: connectTimeoutUs(profile),
    workers: profile.workers,
    engine: profile.engine,
    // Without a list the kernel chooses the source address, and always the same for one target address.
    sourceAddresses: sourceAddresses(profile, place.families),
    place,
  };
}

function dialsAtOnce(plan: Profile): number {
  const count = peakConnections(plan);
  const { concurrentDials } = plan.connections;
  return concurrentDials === 'all' ? count : Math.min(concurrentDials, count);
}

/** A finding whose verdict follows from its advice: without any the plan fits. */
export function judged(
  quantities: Pick<Finding, 'limit' | 'needed' | 'available' | 'unit'>,
  binds: string | null,
  tight: string | null = null,
): Finding {
  if (binds !== null) return { ...quantities, verdict: 'binds', advice: binds };
  return { ...quantities, verdict: tight === null ? 'fits' : 'tight', advice: tight };
}
