import type { MessagePort } from 'node:worker_threads';
import type { ShardSnapshot } from '../measure/snapshot.ts';
import type { IntervalPhase } from '../schedule/interval-schedule.ts';
import type { LoopReading } from './loop-watch.ts';
import type { ShardPlan } from './shard-plan.ts';

/** What a worker gets as its piscina task. The port carries every ShardMessage and every CoordinatorMessage. */
export interface ShardTask {
  plan: ShardPlan;
  port: MessagePort;
  /** Control words, see control.ts. */
  control: SharedArrayBuffer;
}

/** From the coordinator to a shard. */
export type CoordinatorMessage = { type: 'start'; originUs: number };

/** From a shard to the coordinator. */
export type ShardMessage = ReadyMessage | IntervalMessage | FinishedMessage;

/** The shard has built everything and waits for the common start. */
export interface ReadyMessage {
  type: 'ready';
}

/** One interval has ended. Intervals come in order and without gaps. */
export interface IntervalMessage {
  type: 'interval';
  index: number;
  startUs: number;
  endUs: number;
  phase: IntervalPhase;
  /** One a cohort, in the order of the plan. */
  snapshots: ShardSnapshot[];
  /** How the shard's own thread and loop fared in it. */
  loop: LoopReading;
}

/** Every session has ended; the last interval came before. */
export interface FinishedMessage {
  type: 'finished';
  /** Since the run's start. */
  endUs: number;
  /** Share of the shard's time that its loop was busy, 0 to 1. */
  loopUtilization: number;
  /** One a cohort, in the order of the plan. */
  cohorts: CohortEnd[];
}

/** What is left to say of a shard's part of a cohort when it has ended. */
export interface CohortEnd {
  /** Connections that the plan held and that were never dialled, because the run ended first. */
  neverDialled: number;
  /** Socket options as the kernel has them; null where the engine cannot see them, or nothing connected. */
  socket: Record<string, number | string> | null;
}
