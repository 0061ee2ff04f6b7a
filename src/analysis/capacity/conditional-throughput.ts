import type { SearchGoal } from './search-goal.ts';

/**
 * What a load that is carried really brings: the load less the loss of that trial up to which the share of trials lies
 * that must pass. With an exceed ratio of 0.5 and all trials of a load done, it is the median of what they brought.
 * Trials that were not needed any more count as worse than all that were made.
 * Source: RFC 9971 (MLRsearch), conditional throughput.
 * @param lossRatios of the valid trials at `load` that settled it
 */
export function conditionalThroughput(
  load: number,
  lossRatios: readonly number[],
  { trials, exceedRatio }: SearchGoal,
): number {
  const whole = Math.max(trials, lossRatios.length);
  const needed = Math.ceil(whole * (1 - exceedRatio));
  const sorted = lossRatios.toSorted((a, b) => a - b);
  const loss = needed > sorted.length ? 1 : (sorted[needed - 1] ?? 0);
  return load * (1 - loss);
}
