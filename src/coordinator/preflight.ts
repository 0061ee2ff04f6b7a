import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { connectionsByPorts, descriptorsNeeded } from '../host/plan-needs.ts';

export interface PreflightFacts {
  connections: number;
  workers: number;
  addresses: TargetAddress[];
  /** Null where the machine does not tell. */
  descriptorLimit: number | null;
  ephemeralPorts: number | null;
  /** Local addresses from which each address of the target is dialled; each has its own ports. */
  sourceIps: number;
}

/**
 * Checks that this machine can hold the plan's connections, so that its own limits do not show up as thousands of
 * failed dials.
 * @throws {OperatingError} naming the limit, what is needed, and what to type (ERR_PREFLIGHT)
 */
export function checkLimits(facts: PreflightFacts): void {
  checkDescriptors(facts);
  checkPorts(facts);
}

function checkDescriptors({ connections, workers, descriptorLimit }: PreflightFacts): void {
  if (descriptorLimit === null) return;
  const needed = descriptorsNeeded(connections, workers);
  if (needed <= descriptorLimit) return;
  throw new OperatingError(
    'ERR_PREFLIGHT',
    `Cannot open ${connections} connections: they need ${needed} descriptors, and this process may have ` +
      `${descriptorLimit}. Type \`ulimit -Hn ${needed}\` as root before the run (or raise LimitNOFILE), or take ` +
      `at most ${Math.max(0, descriptorLimit - (needed - connections))} connections`,
  );
}

function checkPorts({ connections, addresses, ephemeralPorts, sourceIps }: PreflightFacts): void {
  const overTcp = addresses.filter(({ family }) => family !== 'unix').length;
  if (ephemeralPorts === null || overTcp === 0) return;
  const available = connectionsByPorts(ephemeralPorts, overTcp * sourceIps);
  if (connections <= available) return;
  throw new OperatingError(
    'ERR_PREFLIGHT',
    `Cannot open ${connections} connections: the kernel has ${ephemeralPorts} local ports for each of ` +
      `${overTcp} target address${overTcp === 1 ? '' : 'es'}, so at most ${available} connections. ` +
      'Type `sysctl net.ipv4.ip_local_port_range="1024 65535"`, dial from more addresses (--source-ip), or give the ' +
      'target more addresses',
  );
}
