import { availableParallelism, release, type } from 'node:os';
import { kernelSettings } from './kernel-settings.ts';
import { machineName } from './machine-name.ts';
import { readText, type ReadText } from './read-text.ts';

/** The machine that generated the load. */
export interface HostFacts {
  /** Its name and processors, see `machineName`; absent from runs that were stored before it was known. */
  machine?: string;
  /** Name and release, for example `Linux 6.18.0`. */
  kernel: string;
  node: string;
  cpus: number;
  /** Descriptors a process may open; null where that is not known. */
  fdLimit: number | null;
}

/** What this machine is, as stored with every run. */
export function hostFacts(): HostFacts {
  return {
    machine: machineName(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    cpus: availableParallelism(),
    fdLimit: descriptorLimits().soft,
  };
}

/** How many descriptors a process may open; null where that is not known, MAX_SAFE_INTEGER where it is unlimited. */
export interface DescriptorLimits {
  soft: number | null;
  /** What the soft limit may be raised to without privileges. */
  hard: number | null;
}

/**
 * Descriptors that this process may open, worker threads included. Node raises its soft limit to the hard one when
 * it starts, so the soft limit read here is all there is.
 * @default read the machine's own files
 * Source: proc(5), /proc/pid/limits.
 */
export function descriptorLimits(read: ReadText = readText): DescriptorLimits {
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(read('/proc/self/limits')) ?? [];
  return { soft: limitOf(soft), hard: limitOf(hard) };
}

/** How many local ports the kernel may give to dials from one address to one target address; null where not known. */
export function ephemeralPorts(): number | null {
  return kernelSettings().localPorts?.count ?? null;
}

function limitOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text);
}
