import type { EngineName } from '../engine/engine.ts';
import { ConnectionPlan, type ConnectionStage } from '../schedule/connection-plan.ts';
import type { DialScheduleOptions } from '../schedule/dial-schedule.ts';
import type { SessionPlan } from '../session/session-plan.ts';

/** One worker's slice of a run. */
export interface ShardPlan {
  shard: number;
  shards: number;
  engine: EngineName;
  session: SessionPlan;
  /** The most connections of this shard at one time: those of the run whose number is `shard` modulo `shards`. */
  connections: number;
  dial: { schedule: DialScheduleOptions; concurrentDials: number; stages?: ConnectionStages };
  drainUs: number;
}

/** How many connections of the whole run are to be up by when; without it all of them from the start. */
export interface ConnectionStages {
  /** Those due at the start. */
  connections: number;
  stages: ConnectionStage[];
}

/** When which of a shard's connections are to be up. */
export function connectionPlan({ dial, session, shard, shards }: ShardPlan): ConnectionPlan {
  const { connections, stages } = dial.stages ?? { connections: session.connections, stages: [] };
  return new ConnectionPlan({ connections, stages, shard, shards });
}

/** The number, among all of the run's, of the connection in a shard's slot. */
export function connectionAt({ shard, shards }: ShardPlan, slot: number): number {
  return slot * shards + shard;
}
