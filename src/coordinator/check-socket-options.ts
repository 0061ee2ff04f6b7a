import { isIP } from 'node:net';

import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { loadLibc, type Libc } from '../engine/linux/libc.ts';
import { refusedOption, refusedSource } from '../engine/linux/probe.ts';
import type { Profile } from '../profile/profile.ts';
import { expandSourceIps } from '../profile/source-ips.ts';

/**
 * Sets the plan's socket options once before the run and binds to each of its source addresses, so that what the
 * kernel refuses is one message and not as many failed dials as there are connections.
 * @throws {OperatingError} naming the option or the address, and the kernel's errno (ERR_PREFLIGHT)
 */
export function checkSocketOptions(
  { socket, connections }: Profile,
  addresses: readonly TargetAddress[],
): void {
  const libc = loadLibc();
  if ('missing' in libc) return;
  checkSources(libc, connections.sourceIps, addresses);
  for (const { family } of addresses) {
    const refused = family === 'unix' ? null : refusedOption(libc, socket, family);
    if (refused === null) continue;
    throw new OperatingError(
      'ERR_PREFLIGHT',
      `Cannot set the socket option ${refused.name}: the kernel refuses its value with ${refused.errno}; ` +
        `change or drop socket.${refused.name}`,
    );
  }
}

function checkSources(libc: Libc, spec: readonly string[], addresses: readonly TargetAddress[]): void {
  const used = expandSourceIps(spec).filter((source) =>
    addresses.some(({ family }) => family === isIP(source)),
  );
  const refused = refusedSource(libc, used);
  if (refused === null) return;
  throw new OperatingError(
    'ERR_PREFLIGHT',
    `Cannot dial from ${refused.address}: ${refused.why}; ` +
      "connections.sourceIps (--source-ip) takes this machine's own (`ip addr` lists them)",
  );
}
