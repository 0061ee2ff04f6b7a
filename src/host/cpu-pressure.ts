import { readText, type ReadText } from './read-text.ts';

/**
 * Microseconds since boot in which at least one runnable thread of the machine waited for a processor; null where the
 * system does not tell.
 * @default read the machine's own files
 * Source: kernel documentation, psi: /proc/pressure/cpu, `some ... total=`.
 */
export function cpuPressureUs(read: ReadText = readText): number | null {
  const [, totalUs] = /^some .*total=(\d+)$/m.exec(read('/proc/pressure/cpu')) ?? [];
  return totalUs === undefined ? null : Number(totalUs);
}
