import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { loadLibc } from '../engine/linux/libc.ts';
import { refusedOption } from '../engine/linux/probe.ts';
import type { Profile } from '../profile/profile.ts';

/**
 * Sets the plan's socket options once before the run, so that one which the kernel refuses is one message and not as
 * many failed dials as there are connections.
 * @throws {OperatingError} naming the option and the kernel's errno (ERR_PREFLIGHT)
 */
export function checkSocketOptions({ socket }: Profile, addresses: readonly TargetAddress[]): void {
  const libc = loadLibc();
  if ('missing' in libc) return;
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
