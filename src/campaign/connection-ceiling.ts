import type { LoadCeiling } from '../analysis/capacity/search-goal.ts';
import { BUILT_IN_ADDRESSES } from '../coordinator/built-in-target.ts';
import { resolveTarget } from '../coordinator/resolve-target.ts';
import { tcpFamilies } from '../engine/tcp-families.ts';
import { descriptorLimits, ephemeralPorts } from '../host/host-facts.ts';
import { connectionsByPorts, descriptorsNeeded } from '../host/plan-needs.ts';
import { sourceAddresses } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { CONNECTIONS_MAX } from '../profile/profile-limits.ts';

/**
 * The most connections that this machine can hold to the profile's target, by the same counts that a run is refused by,
 * and of what there are no more.
 * @throws {OperatingError} when the target cannot be resolved or is refused (ERR_TARGET)
 */
export async function connectionCeiling(profile: Profile): Promise<LoadCeiling> {
  const { target, safety } = profile;
  const families = tcpFamilies(target === null ? BUILT_IN_ADDRESSES : await resolveTarget(target, safety));
  const descriptors = descriptorLimits().soft;
  const ports = ephemeralPorts();
  const own = descriptorsNeeded(0, profile.workers);
  const bounds: LoadCeiling[] = [
    { load: CONNECTIONS_MAX, by: 'generator', why: 'the most that a profile may have' },
    ...(descriptors === null ? [] : [generatorBound(descriptors - own, descriptorWords(descriptors))]),
    ...(ports === null || families.length === 0
      ? []
      : [
          generatorBound(
            connectionsByPorts(ports, families.length * sourceAddresses(profile, families), target === null),
            `the generator's ${ports} local ports (--source-ip and net.ipv4.ip_local_port_range give more)`,
          ),
        ]),
  ];
  return bounds.reduce((least, bound) => (bound.load < least.load ? bound : least));
}

function generatorBound(load: number, why: string): LoadCeiling {
  return { load: Math.max(1, load), by: 'generator', why };
}

function descriptorWords(limit: number): string {
  return `the generator's ${limit} descriptors (ulimit -Hn raises them)`;
}
