import { peakConnections } from '../profile/load-model.ts';
import type { EngineChoice, Profile } from '../profile/profile.ts';
import { expandSourceIps } from '../profile/source-ips.ts';
import type { TargetPlace } from './target-place.ts';

/** What a plan asks of the machine. */
export interface PlanNeeds {
  connections: number;
  /** Dials in progress at one time. */
  concurrentDials: number;
  connectTimeoutUs: number;
  workers: number;
  engine: EngineChoice;
  /** Local addresses that dials come from. */
  sourceAddresses: number;
  place: TargetPlace;
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
  | 'descriptors'
  | 'ports'
  | 'conntrack'
  | 'memory'
  | 'workers'
  | 'accept queue'
  | 'connect timeout';

/** `tight` costs speed or truth without stopping the plan; `binds` stops it or makes it measure the machine. */
export type LimitVerdict = 'fits' | 'tight' | 'binds' | 'unknown';

/** What a profile asks for, given where its target is. */
export function planNeeds(profile: Profile, place: TargetPlace): PlanNeeds {
  const { concurrentDials } = profile.connections;
  const count = peakConnections(profile);
  return {
    connections: count,
    concurrentDials: concurrentDials === 'all' ? count : Math.min(concurrentDials, count),
    connectTimeoutUs: profile.timeouts.connectUs,
    workers: profile.workers,
    engine: profile.engine,
    // Without a list the kernel chooses the source address, and always the same for one target address.
    sourceAddresses: Math.max(1, expandSourceIps(profile.connections.sourceIps).length),
    place,
  };
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
