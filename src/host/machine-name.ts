import { availableParallelism, cpus, hostname } from 'node:os';

/**
 * Which machine this is, for what was measured on it: its name, and what its processors are called.
 * @example machineName() // 'bench-3: 8 x AMD EPYC 7763'
 */
export function machineName(): string {
  const model = cpus()[0]?.model.trim() ?? '';
  return `${hostname()}: ${availableParallelism()} x ${model === '' ? process.arch : model}`;
}
