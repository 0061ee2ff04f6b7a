import type { TargetAddress } from '../engine/engine.ts';
import { tcpFamilies } from '../engine/tcp-families.ts';

/** Where a plan's target is, as far as limits depend on it. */
export interface TargetPlace {
  /** Addresses that take a local port for each connection: none where the target is a unix socket. */
  tcpAddresses: number;
  /** The family of each of these; none where they are not known. */
  families: (4 | 6)[];
  /** The target takes processor time and memory of this machine. */
  onThisMachine: boolean;
  /** The built-in target, which the run starts itself. */
  builtIn: boolean;
  /** Why the run would refuse the target; null where it would not. */
  refusal: string | null;
}

/** The built-in target listens on one loopback address. */
export const BUILT_IN_PLACE: TargetPlace = {
  tcpAddresses: 1,
  families: [4],
  onThisMachine: true,
  builtIn: true,
  refusal: null,
};

/** Of a target that cannot be reached nothing is known; one address is the least that it can have. */
export function refusedPlace(refusal: string): TargetPlace {
  return { tcpAddresses: 1, families: [], onThisMachine: false, builtIn: false, refusal };
}

/**
 * The place that resolved addresses tell.
 * @param ownHosts addresses of this machine's interfaces
 */
export function placeOf(addresses: readonly TargetAddress[], ownHosts: readonly string[]): TargetPlace {
  const families = tcpFamilies(addresses);
  return {
    tcpAddresses: families.length,
    families,
    onThisMachine: addresses.every((address) => isHere(address, ownHosts)),
    builtIn: false,
    refusal: null,
  };
}

/** All of 127.0.0.0/8 is this machine, although its interface names one address only. */
function isHere(address: TargetAddress, ownHosts: readonly string[]): boolean {
  if (address.family === 'unix') return true;
  return address.host.startsWith('127.') || address.host === '::1' || ownHosts.includes(address.host);
}
