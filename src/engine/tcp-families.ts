import type { TargetAddress } from './engine.ts';

/** The IP family of each address of a target that is dialled over TCP, in their order: none of a unix socket. */
export function tcpFamilies(addresses: readonly TargetAddress[]): (4 | 6)[] {
  return addresses.flatMap(({ family }) => (family === 'unix' ? [] : [family]));
}
