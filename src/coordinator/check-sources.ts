import { isIP } from 'node:net';

import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { loadLibc } from '../engine/linux/libc.ts';
import { refusedSource } from '../engine/linux/probe.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { expandSourceIps } from '../profile/source-ips.ts';
import { formatAddress } from './resolve-target.ts';

/**
 * Binds once to each source address that dials of any cohort go from, so that what the kernel refuses is one message
 * and not as many failed dials as there are connections.
 * @throws {OperatingError} naming the address and why nothing is dialled from it (ERR_PREFLIGHT), or the target's
 *   address that can be dialled from none (ERR_PROFILE_INVALID)
 */
export function checkSources(profile: Profile, addresses: readonly TargetAddress[]): void {
  const libc = loadLibc();
  if ('missing' in libc) return;
  for (const { plan } of cohortPlans(profile)) {
    const refused = refusedSource(libc, fittingSources(plan.connections.sourceIps, addresses));
    if (refused === null) continue;
    throw new OperatingError(
      'ERR_PREFLIGHT',
      `Cannot dial from ${refused.address}: ${refused.why}; ` +
        "connections.sourceIps (--source-ip) takes this machine's own (`ip addr` lists them)",
    );
  }
}

/**
 * Those source addresses from which some address of the target can be dialled; each of these needs one.
 * @throws {OperatingError} naming an address of the target that has none (ERR_PROFILE_INVALID)
 */
export function fittingSources(spec: readonly string[], addresses: readonly TargetAddress[]): string[] {
  const sources = expandSourceIps(spec);
  if (sources.length === 0) return [];
  const stranded = addresses.find(({ family }) => !sources.some((source) => isIP(source) === family));
  if (stranded !== undefined) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      `Cannot dial ${formatAddress(stranded)} from connections.sourceIps (--source-ip), none of which is of its ` +
        `family: current value is ${spec.join(',')}; add one that is, or name another address as the target`,
    );
  }
  return sources.filter((source) => addresses.some(({ family }) => family === isIP(source)));
}
