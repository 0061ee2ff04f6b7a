import { OpenSchedule } from '../schedule/open-schedule.ts';
import type { CohortPlan } from './shard-plan.ts';

/**
 * How many frames the open model wants a shard to send for a cohort in the first `elapsedUs` of the run, whether their connection
 * was up or not: what of them was not sent is `framesUnsent`. 0 in the closed model, which owes nothing.
 * @param originUs when the run began, so that each time is rounded as it was when the frame was sent
 */
export function plannedFrames(plan: CohortPlan, originUs: number, elapsedUs: number): number {
  const { load, connections } = plan.session;
  if (load.model === 'closed') return 0;
  let frames = 0;
  for (let at = 0; at < plan.connections; at++) {
    const schedule = new OpenSchedule({
      originUs,
      totalRatePerSecond: load.totalRatePerSecond,
      connection: connectionAt(plan, at),
      connections,
      fromUs: originUs,
    });
    frames += schedule.overdue(originUs + elapsedUs);
  }
  return frames;
}

/** The number, among all of the cohort's, of the connection that is number `at` in a shard's part of it. */
export function connectionAt({ part, parts }: Pick<CohortPlan, 'part' | 'parts'>, at: number): number {
  return at * parts + part;
}
