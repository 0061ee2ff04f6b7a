import { OpenSchedule } from '../schedule/open-schedule.ts';
import type { ShardPlan } from './shard-plan.ts';

/**
 * How many frames the open model wants a shard to send in the first `elapsedUs` of the run, whether their connection
 * was up or not: what of them was not sent is `framesUnsent`. 0 in the closed model, which owes nothing.
 * @param originUs when the run began, so that each time is rounded as it was when the frame was sent
 */
export function plannedFrames(plan: ShardPlan, originUs: number, elapsedUs: number): number {
  const { load, connections } = plan.session;
  if (load.model === 'closed') return 0;
  let frames = 0;
  for (let slot = 0; slot < plan.connections; slot++) {
    const schedule = new OpenSchedule({
      originUs,
      totalRatePerSecond: load.totalRatePerSecond,
      connection: connectionAt(plan, slot),
      connections,
      fromUs: originUs,
    });
    frames += schedule.overdue(originUs + elapsedUs);
  }
  return frames;
}

/** The number, among all of the run's, of the connection in a shard's slot. */
export function connectionAt({ shard, shards }: ShardPlan, slot: number): number {
  return slot * shards + shard;
}
