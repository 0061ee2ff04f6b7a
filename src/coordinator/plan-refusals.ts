import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import type { Profile } from '../profile/profile.ts';
import { checkSocketOptions } from './check-socket-options.ts';
import { checkSources } from './check-sources.ts';
import { pickEngine } from './pick-engine.ts';

/** What of a plan a run would refuse on this machine, and the run's own words for it. */
export interface PlanRefusal {
  limit: 'engine' | 'source addresses' | 'socket options';
  message: string;
}

/**
 * Asks the checks that precede a run without running: what they refuse for what this machine is, as against how much
 * it holds.
 * @param addresses of the target; none where they are not known, and then their sources are not asked for
 */
export function planRefusals(profile: Profile, addresses: readonly TargetAddress[]): PlanRefusal[] {
  const engine = refusalOf('engine', () => pickEngine(profile, profile.target).name);
  if (engine === 'node') return [];
  if (engine !== 'epoll') return [engine];
  const checks = [
    refusalOf('source addresses', () => checkSources(profile, addresses)),
    refusalOf('socket options', () => checkSocketOptions(profile, addresses)),
  ];
  return checks.filter((refusal) => refusal !== undefined);
}

/** What the check answers, or what it refuses. */
function refusalOf<T>(limit: PlanRefusal['limit'], check: () => T): T | PlanRefusal {
  try {
    return check();
  } catch (error) {
    if (error instanceof OperatingError) return { limit, message: error.message };
    throw error;
  }
}
