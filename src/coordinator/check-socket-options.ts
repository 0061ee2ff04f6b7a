import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { loadLibc } from '../engine/linux/libc.ts';
import { refusedOption } from '../engine/linux/probe.ts';
import { tcpFamilies } from '../engine/tcp-families.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * Sets the socket options of every cohort once before the run, so that what the kernel refuses is one message and not
 * as many failed dials as there are connections.
 * @throws {OperatingError} naming the option and the kernel's errno (ERR_PREFLIGHT)
 */
export function checkSocketOptions(profile: Profile, addresses: readonly TargetAddress[]): void {
  const libc = loadLibc();
  if ('missing' in libc) return;
  for (const { plan } of cohortPlans(profile)) {
    for (const family of new Set(tcpFamilies(addresses))) {
      const refused = refusedOption(libc, plan.socket, family);
      if (refused === null) continue;
      throw new OperatingError(
        'ERR_PREFLIGHT',
        `Cannot set the socket option ${refused.name}: the kernel refuses its value with ${refused.errno}; ` +
          `change or drop socket.${refused.name}`,
      );
    }
  }
}
