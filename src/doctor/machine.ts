import { freemem, loadavg, totalmem } from 'node:os';
import { cpuQuota } from '../host/cpu-quota.ts';
import { descriptorLimits, hostFacts, type DescriptorLimits } from '../host/host-facts.ts';
import { kernelSettings, type KernelSettings } from '../host/kernel-settings.ts';

/** What this machine is and what it is set to. Null: the system does not tell. */
export interface Machine {
  /** Name and release, for example `Linux 6.18.0`. */
  kernel: string;
  node: string;
  /** Processors that this process may run on. */
  cpus: number;
  /** How many processors' time its control group may use; null where there is no quota. */
  cpuQuota: number | null;
  /** Over the last 1, 5 and 15 minutes. */
  loadAverage: number[];
  memory: MachineMemory;
  descriptors: DescriptorLimits;
  settings: KernelSettings;
}

export interface MachineMemory {
  totalBytes: number;
  /** What this process could still take, its control group's limit considered. */
  availableBytes: number;
  /** The control group's limit; null where there is none below what the machine has. */
  groupLimitBytes: number | null;
}

/** Reads this machine. */
export function readMachine(): Machine {
  const { kernel, node, cpus } = hostFacts();
  return {
    kernel,
    node,
    cpus,
    cpuQuota: cpuQuota(),
    loadAverage: loadavg(),
    memory: machineMemory({
      totalBytes: totalmem(),
      freeBytes: freemem(),
      constrainedBytes: process.constrainedMemory(),
      allowedBytes: process.availableMemory(),
    }),
    descriptors: descriptorLimits(),
    settings: kernelSettings(),
  };
}

/** What the runtime says of memory. */
export interface MemoryReadings {
  totalBytes: number;
  /** MemAvailable of /proc/meminfo where there is one. */
  freeBytes: number;
  /** The control group's limit: 0 or beyond all memory where there is none. */
  constrainedBytes: number;
  /** What the control group still allows. */
  allowedBytes: number;
}

/** Tells a limit that binds from the numbers that stand for none. */
export function machineMemory(readings: MemoryReadings): MachineMemory {
  const { totalBytes, freeBytes, constrainedBytes, allowedBytes } = readings;
  const isLimited = constrainedBytes > 0 && constrainedBytes < totalBytes;
  return {
    totalBytes,
    availableBytes: isLimited ? Math.min(freeBytes, allowedBytes) : freeBytes,
    groupLimitBytes: isLimited ? constrainedBytes : null,
  };
}
