import type { EngineName } from '../engine/engine.ts';
import { judged, type Finding, type PlanNeeds } from './finding.ts';
import type { Machine } from './machine.ts';

/** Whether the plan's connections fit into memory, by estimate; the built-in target holds the other ends here, too. */
export function memoryFinding(needs: PlanNeeds, engine: EngineName, { memory }: Machine): Finding {
  const { fixedBytes, connectionBytes } = memoryNeeds(needs, engine);
  const needed = fixedBytes + needs.connections * connectionBytes;
  const available = memory.availableBytes;
  const quantities = { limit: 'memory', needed, available, unit: 'bytes' } as const;
  if (needed <= available) return judged(quantities, null);
  const fewer = Math.floor((available - fixedBytes) / connectionBytes);
  const more =
    memory.groupLimitBytes === null ? 'a machine with more memory' : "raise the control group's memory limit";
  if (fewer < 1) return judged(quantities, `there is too little for any connection: take ${more}`);
  return judged(quantities, `take -c ${fewer}, or ${more}`);
}

function memoryNeeds(
  { workers, place }: PlanNeeds,
  engine: EngineName,
): { fixedBytes: number; connectionBytes: number } {
  const fixedBytes = PROCESS_BYTES + workers * WORKER_BYTES;
  const connectionBytes = RESIDENT_BYTES_A_CONNECTION[engine] + MARGIN_BYTES_A_CONNECTION;
  if (!place.builtIn) return { fixedBytes, connectionBytes };
  return {
    fixedBytes: fixedBytes + PROCESS_BYTES,
    connectionBytes: connectionBytes + RESIDENT_BYTES_A_CONNECTION.node + MARGIN_BYTES_A_CONNECTION,
  };
}

/** Whether each worker has a processor, and a target on this machine one beside them. */
export function workerFinding({ workers, place }: PlanNeeds, { cpus, cpuQuota }: Machine): Finding {
  const available = Math.min(cpus, cpuQuota ?? Infinity);
  const quantities = { limit: 'workers', needed: workers, available, unit: 'count' } as const;
  const whole = Math.max(1, Math.floor(available));
  if (workers > whole) {
    return judged(
      quantities,
      `workers take turns on the CPUs and what waits shows as send lag: take -w ${whole}`,
    );
  }
  if (workers > available)
    return judged(quantities, "a worker needs a whole CPU: raise the control group's CPU quota");
  if (!place.onThisMachine || workers + 1 <= available) return judged(quantities, null);
  const fewer = whole > 1 ? `take -w ${whole - 1}, or ` : '';
  return judged(
    quantities,
    null,
    `the target on this machine shares the workers' CPUs: ${fewer}run it on another machine`,
  );
}

/**
 * User-space memory of one open connection. node: measured, 4.9 kB of resident memory; epoll: its own bound.
 */
const RESIDENT_BYTES_A_CONNECTION: Readonly<Record<EngineName, number>> = { node: 4900, epoll: 2048 };
/** The kernel's socket, frames on their way through its buffers, and what the garbage collector has not yet freed. */
const MARGIN_BYTES_A_CONNECTION = 16_000;
/** A run without connections: measured, 86 MB resident. */
const PROCESS_BYTES = 100e6;
/** Each worker's heap at rest: measured, 13 MB. */
const WORKER_BYTES = 20e6;
