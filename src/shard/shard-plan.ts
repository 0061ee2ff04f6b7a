import type { EngineName } from '../engine/engine.ts';
import type { DialScheduleOptions } from '../schedule/dial-schedule.ts';
import type { SessionPlan } from '../session/session-plan.ts';

/** One worker's slice of a run. */
export interface ShardPlan {
  shard: number;
  shards: number;
  engine: EngineName;
  warmupUs: number;
  durationUs: number;
  /** One at least, the same in every shard and in the order of the profile. */
  cohorts: CohortPlan[];
}

/** A shard's slice of one cohort: connections that behave alike. */
export interface CohortPlan {
  /** Null in a run without named cohorts, whose only one it is. */
  name: string | null;
  session: SessionPlan;
  /**
   * Which of the cohort's parts this is, of how many: the shards take turns with the connections of the whole run, so
   * a cohort's first connection belongs to the shard whose turn it is, and its parts are numbered from there.
   */
  part: number;
  parts: number;
  /** Connections of this shard: those of the cohort whose number is `part` modulo `parts`. */
  connections: number;
  dial: { schedule: DialScheduleOptions; concurrentDials: number };
  drainUs: number;
}

/** The number, among all of the cohort's, of the connection that is number `at` of a shard's part. */
export function connectionAt({ part, parts }: CohortPlan, at: number): number {
  return at * parts + part;
}
