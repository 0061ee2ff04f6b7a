import type { EngineName } from '../engine/engine.ts';
import { ConnectionPlan, type ConnectionStage } from '../schedule/connection-plan.ts';
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
  /** The most of them in this shard at one time: those of the cohort whose number is `part` modulo `parts`. */
  connections: number;
  dial: { schedule: DialScheduleOptions; concurrentDials: number; stages?: ConnectionStages };
  drainUs: number;
}

/** How many connections of the whole cohort are to be up by when; without it all of them from the start. */
export interface ConnectionStages {
  /** Those due at the start. */
  connections: number;
  stages: ConnectionStage[];
}

/** When which connections of a shard's part are to be up. */
export function connectionPlan({ dial, session, part, parts }: CohortPlan): ConnectionPlan {
  const { connections, stages } = dial.stages ?? { connections: session.connections, stages: [] };
  return new ConnectionPlan({ connections, stages, shard: part, shards: parts });
}

/** The number, among all of the cohort's, of the connection that is number `at` of a shard's part. */
export function connectionAt({ part, parts }: CohortPlan, at: number): number {
  return at * parts + part;
}
