import type { LoopReading } from '../../src/shard/loop-watch.ts';

/** An interval in which a shard's loop had nothing to complain of: a tenth of a second busy, no wait, no stall. */
export function loopReading(overrides: Partial<LoopReading> = {}): LoopReading {
  return {
    cpuUs: 100_000,
    cpuWaitUs: 1000,
    busyUs: 100_000,
    turns: 2000,
    stallUs: 0,
    gc: { count: 0, totalUs: 0, longestUs: 0 },
    ...overrides,
  };
}
