import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { OperatingError, describeSystemError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { parseTargetSpec } from '../profile/target-spec.ts';
import type { SafetyProfile } from '../profile/profile.ts';

/**
 * Every address that the target's name has, IPv4 and IPv6, each once, in the resolver's order. Resolved once for the
 * whole run, so that no dial time holds a look-up.
 * @throws {OperatingError} when the name has no address, or one is public and not allowed (ERR_TARGET)
 */
export async function resolveTarget(target: string, safety: SafetyProfile): Promise<TargetAddress[]> {
  const spec = parseTargetSpec(target);
  if (spec.kind === 'unix') return [{ family: 'unix', path: spec.path }];
  const hosts = await lookupHosts(spec.host, target);
  const allowed = safety.allowPublic || safety.allowedTargets.includes(spec.host);
  const publicHost = hosts.find((host) => !isPrivateAddress(host));
  if (publicHost !== undefined && !allowed) throw publicTargetError(target, publicHost);
  return hosts.map((host) => ({ family: isIP(host) === 6 ? 6 : 4, host, port: spec.port }));
}

/** The text form of an address, as `--target` takes it. */
export function formatAddress(address: TargetAddress): string {
  if (address.family === 'unix') return `unix:${address.path}`;
  return address.family === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether an IP address is loopback, link-local or private: one that packets to the public network never have. */
export function isPrivateAddress(host: string): boolean {
  return PRIVATE_RANGES.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

async function lookupHosts(host: string, target: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    throw new OperatingError(
      'ERR_TARGET',
      `Cannot resolve the target ${target}: the name ${host} has no address (${describeSystemError(error)})`,
      { exitCode: EXIT.usage, cause: error },
    );
  }
}

function publicTargetError(target: string, address: string): OperatingError {
  const what = target.includes(address) ? `${target} is` : `${target} resolves to ${address}, which is`;
  return new OperatingError(
    'ERR_TARGET',
    `Refused to load ${target}: ${what} outside loopback and private ranges. Load only servers that are yours to ` +
      'load; then give --allow-public, or list the host under safety.allowedTargets in the profile',
  );
}

/** Source: RFC 1122 (127/8), RFC 1918, RFC 3927, RFC 6598, RFC 4291 (::1, fe80::/10), RFC 4193 (fc00::/7). */
const PRIVATE_RANGES = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  PRIVATE_RANGES.addSubnet(network, prefix, 'ipv4');
}
PRIVATE_RANGES.addAddress('::1', 'ipv6');
PRIVATE_RANGES.addSubnet('fe80::', 10, 'ipv6');
PRIVATE_RANGES.addSubnet('fc00::', 7, 'ipv6');
