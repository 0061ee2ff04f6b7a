import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';

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
  if ('path' in address) return unixAddress(address.path);
  const { address: host, family } = await lookup(address.host);
  return family === 6 ? ipv6Address(host, address.port) : ipv4Address(host, address.port);
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

function unixAddress(path: string): SocketAddress {
  const text = Buffer.from(path, 'utf8');
  const bytes = Buffer.alloc(2 + text.length + 1);
  bytes.writeUInt16LE(AF_UNIX, 0);
  text.copy(bytes, 2);
  return { family: AF_UNIX, bytes };
}

function ipv4Address(host: string, port: number): SocketAddress {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(host.split('.').map(Number), 4);
  return { family: AF_INET, bytes };
}

function ipv6Address(host: string, port: number): SocketAddress {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  ipv6Groups(host).forEach((group, index) => bytes.writeUInt16BE(group, 8 + 2 * index));
  return { family: AF_INET6, bytes };
}

/** The eight numbers of an address that the resolver has made sure of; a trailing IPv4 form counts as two. */
function ipv6Groups(host: string): number[] {
  const plain = host.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

// Source: bits/socket.h of Linux.
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
