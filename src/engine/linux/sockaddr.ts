import { isIPv6 } from 'node:net';
import { assert } from '../../base/assert.ts';
import type { TargetAddress } from '../engine.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './abi.ts';

/**
 * Writes an address as the kernel takes it.
 * Layouts: `struct sockaddr_in` (family u16, port u16 big-endian, address 4 bytes, 8 zeros), `struct sockaddr_in6`
 * (family, port, flow info u32, address 16 bytes, scope id u32), `struct sockaddr_un` (family, path, zero).
 * Source: linux/in.h, linux/in6.h, linux/un.h; the family is in the machine's order, little-endian on both machines.
 * @returns the length that goes with it
 */
export function writeSockaddr(out: Buffer, address: TargetAddress): number {
  out.fill(0);
  if (address.family === 'unix') {
    out.writeUInt16LE(AF_UNIX, 0);
    return 2 + out.write(address.path, 2, 'utf8') + 1;
  }
  out.writeUInt16LE(addressFamily(address), 0);
  out.writeUInt16BE(address.port, 2);
  if (address.family === 4) {
    out.set(parseIPv4(address.host), 4);
    return 16;
  }
  const [host = '', scope] = address.host.split('%');
  parseIPv6(host).forEach((word, index) => out.writeUInt16BE(word, 8 + index * 2));
  out.writeUInt32LE(Number(scope ?? 0) || 0, 24);
  return 28;
}

/** The socket domain of an address. */
export function addressFamily(address: TargetAddress): number {
  if (address.family === 'unix') return AF_UNIX;
  return address.family === 4 ? AF_INET : AF_INET6;
}

function parseIPv4(host: string): number[] {
  const bytes = host.split('.').map(Number);
  assert(bytes.length === 4, `an IPv4 address has four numbers: ${host}`);
  return bytes;
}

/** Eight words; `::` stands for as many zeros as are missing, and the last two may be written as IPv4 (RFC 4291). */
function parseIPv6(host: string): number[] {
  assert(isIPv6(host), `an IPv6 address: ${host}`);
  const dotted = /^(.*:)([\d.]+\.[\d.]+)$/.exec(host);
  const [a = 0, b = 0, c = 0, d = 0] = dotted === null ? [] : parseIPv4(dotted[2] ?? '');
  const text =
    dotted === null ? host : `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  const [head = '', tail] = text.split('::');
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  if (tail === undefined) return words(head);
  const [before, after] = [words(head), words(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
