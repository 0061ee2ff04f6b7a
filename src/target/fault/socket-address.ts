import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';

import type { TargetAddress } from '../../engine/engine.ts';
import { AF_INET, AF_UNIX, SOCKADDR_BYTES_MAX } from '../../engine/linux/abi.ts';
import { addressFamily, writeSockaddr } from '../../engine/linux/sockaddr.ts';
import type { ListenAddress } from '../listen.ts';

/** An address as the kernel takes it: a sockaddr_in, sockaddr_in6 or sockaddr_un of Linux. */
export interface SocketAddress {
  family: number;
  bytes: Buffer;
}

/**
 * `address` for the kernel; a host name is looked up.
 * @throws {Error} with a `code` when the name does not resolve
 */
export async function encodeAddress(address: ListenAddress): Promise<SocketAddress> {
  const target = await resolved(address);
  const bytes = Buffer.alloc(SOCKADDR_BYTES_MAX);
  return { family: addressFamily(target), bytes: bytes.subarray(0, writeSockaddr(bytes, target)) };
}

/** What the kernel says of a bound socket, in the form that node:net uses. */
export function decodeAddress(bytes: Buffer): AddressInfo | string {
  const family = bytes.readUInt16LE(0);
  if (family === AF_UNIX) return bytes.toString('utf8', 2).replace(/\0.*$/s, '');
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return { family: 'IPv4', port, address: [...bytes.subarray(4, 8)].join('.') };
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + 2 * i).toString(16));
  return { family: 'IPv6', port, address: new URL(`tcp://[${groups.join(':')}]`).hostname.slice(1, -1) };
}

async function resolved(address: ListenAddress): Promise<TargetAddress> {
  if ('path' in address) return { family: 'unix', path: address.path };
  const { address: host, family } = await lookup(address.host);
  return { family: family === 6 ? 6 : 4, host, port: address.port };
}
