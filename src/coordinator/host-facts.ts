import { readFileSync } from 'node:fs';
import { availableParallelism, release, type } from 'node:os';
import type { HostFacts } from '../store/manifest.ts';

/** What this machine is, as stored with every run. */
export function hostFacts(): HostFacts {
  return {
    kernel: `${type()} ${release()}`,
    node: process.version,
    cpus: availableParallelism(),
    fdLimit: descriptorLimit(),
  };
}

/**
 * Descriptors that this process may open, worker threads included; null where /proc does not tell. Node raises its
 * soft limit to the hard one when it starts, so the soft limit read here is all there is.
 * Source: proc(5), /proc/pid/limits.
 */
export function descriptorLimit(): number | null {
  const line = /^Max open files\s+(\S+)/m.exec(readProc('/proc/self/limits'))?.[1];
  if (line === undefined) return null;
  return line === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(line);
}

/**
 * How many local ports the kernel may give to dials from one address to one target address; null where /proc does
 * not tell. Source: ip(7), ip_local_port_range (both ends included).
 */
export function ephemeralPorts(): number | null {
  const range = /^(\d+)\s+(\d+)/.exec(readProc('/proc/sys/net/ipv4/ip_local_port_range'));
  return range === null ? null : Number(range[2]) - Number(range[1]) + 1;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
