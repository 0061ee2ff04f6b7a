import type { EngineName } from '../engine/engine.ts';
import type { DialScheduleOptions } from '../schedule/dial-schedule.ts';
import type { SessionPlan } from '../session/session-plan.ts';

/** One worker's slice of a run. */
export interface ShardPlan {
  shard: number;
  shards: number;
  engine: EngineName;
  session: SessionPlan;
  /** Connections of this shard: those of the run whose number is `shard` modulo `shards`. */
  connections: number;
  dial: { schedule: DialScheduleOptions; concurrentDials: number };
  drainUs: number;
}

/** The number, among all of the run's, of the connection in a shard's slot. */
export function connectionAt({ shard, shards }: ShardPlan, slot: number): number {
  return slot * shards + shard;
}
