import { readText, type ReadText } from './read-text.ts';

/** Time of all processors together since boot, in clock ticks. */
export interface CpuTimes {
  total: number;
  /** Time in which the hypervisor ran somebody else although there was something to do here. */
  steal: number;
}

/**
 * What the processors did until now; null where the system does not tell.
 * @default read the machine's own files
 * Source: proc_stat(5): user nice system idle iowait irq softirq steal; guest times are part of the first two.
 */
export function cpuTimes(read: ReadText = readText): CpuTimes | null {
  const [, text] = /^cpu +([\d ]+)$/m.exec(read('/proc/stat')) ?? [];
  const ticks = text?.trim().split(/\s+/).map(Number).slice(0, COUNTED_STATES);
  const steal = ticks?.[COUNTED_STATES - 1];
  if (ticks === undefined || steal === undefined) return null;
  return { total: ticks.reduce((sum, value) => sum + value, 0), steal };
}

/** Share of the processors' time that was stolen from `before` to `after`; null where no time was counted. */
export function stealShare(before: CpuTimes | null, after: CpuTimes | null): number | null {
  if (before === null || after === null || after.total <= before.total) return null;
  return (after.steal - before.steal) / (after.total - before.total);
}

const COUNTED_STATES = 8;
