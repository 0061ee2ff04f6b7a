import { isIP } from 'node:net';
import type { TargetAddress } from '../engine/engine.ts';

/** Source addresses of dials, by the family of the target's address that they go with. */
export type SourceIps = Readonly<Record<4 | 6, readonly string[]>>;

/** Sorts addresses by their family. */
export function sourceIpsByFamily(ips: readonly string[]): SourceIps {
  return { 4: ips.filter((ip) => isIP(ip) === 4), 6: ips.filter((ip) => isIP(ip) === 6) };
}

/**
 * The source address of a dial; null: the kernel's choice. They turn from dial to dial of one connection, and from one
 * connection to the next once every target address had its turn, so that all pairs occur.
 * @param at `connection` number in the run, `dial` of that connection, from 0; `addresses` how many the target has
 */
export function sourceIpOf(
  sourceIps: SourceIps,
  family: TargetAddress['family'],
  { connection, dial, addresses }: { connection: number; dial: number; addresses: number },
): string | null {
  const fitting = family === 'unix' ? [] : sourceIps[family];
  const turn = Math.floor(connection / addresses) + dial;
  return fitting[turn % fitting.length] ?? null;
}
