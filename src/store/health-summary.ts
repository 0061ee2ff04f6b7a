import { z } from 'zod';

/** How far the generator itself stood in the way of a run. */
export interface Health {
  /**
   * 0 (worthless) to 1 (undisturbed): the share of the measured time in which no signal spoke, an interval that only
   * warns counting half, times the share of shards that delivered everything. Null where nothing was measured.
   */
  score: number | null;
  signals: HealthSignal[];
  intervals: HealthIntervals;
  /** Processor time of all workers over the judged intervals; null where the system does not tell. */
  cpuSeconds: number | null;
  /** The same a worker; none where nothing was judged. */
  workers: WorkerLoad[];
  /** What the generator could have done beyond this run; null where nothing was calibrated for it. */
  headroom: Headroom | null;
}

/** What one worker had and used of a processor over the judged intervals. */
export interface WorkerLoad {
  /** Of its shard. */
  index: number;
  /** Null where the system does not tell, as the next. */
  cpuSeconds: number | null;
  /** In which it wanted a processor that others used. */
  cpuWaitSeconds: number | null;
  /** Share of the time in which its loop did not wait for anything. */
  busyShare: number;
}

/** A run's rate against the calibrated ceiling for its shape, machine and engine. */
export interface Headroom {
  /** Frames a second that the workers can do. */
  ceilingFramesPerSecond: number;
  /** Share of it that the run used, and what is left of it, not below 0. */
  used: number;
  left: number;
  /** ISO 8601, UTC. */
  calibratedAt: string;
  /** Times that remain where there is nothing to do, in microseconds. */
  noise: {
    sendLagP50: number | null;
    sendLagP99: number | null;
    responseP50: number | null;
    responseP99: number | null;
  };
}

export type HealthLevel = 'ok' | 'warn' | 'invalid';

/** One observation of the generator. */
export interface HealthSignal {
  name: string;
  /** Over the whole measured time. */
  value: number;
  /** Of any one interval; null for a signal that is only known of a run. */
  worst: number | null;
  /** `share` (0 to 1), `us`, or what is counted. */
  unit: string;
  /** False where the level is not ok. */
  ok: boolean;
  level: HealthLevel;
  /** From where on it warns, and makes invalid; null: never. */
  warn: number | null;
  invalid: number | null;
  /** How many intervals it warned in, and how many it made invalid. */
  intervalsWarned: number;
  intervalsInvalid: number;
  /** What was seen and what to do, in one sentence; null where the level is ok. */
  advice: string | null;
}

/** The measured intervals, by what the signals said of them. */
export interface HealthIntervals {
  judged: number;
  warned: number;
  /** Left out of thresholds; the histograms of the summary have them. */
  invalid: number;
  /** Share of the measured time that lies in invalid intervals. */
  invalidShare: number;
}

/** What the signals said of one interval. */
export interface IntervalHealth {
  level: HealthLevel;
  /** Signals that warn or make invalid, by name. */
  warned: string[];
  invalid: string[];
  /** Every signal that is known of it. */
  signals: Record<string, number>;
  /** Of a widened interval, the share of its time that was invalid; absent where it is one as it was measured. */
  invalidShare?: number;
}

const level = z.enum(['ok', 'warn', 'invalid']);
const count = z.number().nonnegative();

/** Checks `health` of a summary.json; keys that came later have defaults. */
export const HEALTH_SCHEMA: z.ZodType<Health> = z.looseObject({
  score: z.number().nullable(),
  signals: z.array(
    z.looseObject({
      name: z.string(),
      value: z.number(),
      worst: z.number().nullable().default(null),
      unit: z.string(),
      ok: z.boolean(),
      level: level.default('ok'),
      warn: z.number().nullable().default(null),
      invalid: z.number().nullable().default(null),
      intervalsWarned: count.default(0),
      intervalsInvalid: count.default(0),
      advice: z.string().nullable().default(null),
    }),
  ),
  intervals: z
    .looseObject({ judged: count, warned: count, invalid: count, invalidShare: count })
    .default({ judged: 0, warned: 0, invalid: 0, invalidShare: 0 }),
  cpuSeconds: count.nullable().default(null),
  workers: z
    .array(
      z.looseObject({
        index: count,
        cpuSeconds: count.nullable(),
        cpuWaitSeconds: count.nullable(),
        busyShare: count,
      }),
    )
    .default([]),
  headroom: z
    .looseObject({
      ceilingFramesPerSecond: count,
      used: count,
      left: count,
      calibratedAt: z.string(),
      noise: z.looseObject({
        sendLagP50: z.number().nullable(),
        sendLagP99: z.number().nullable(),
        responseP50: z.number().nullable(),
        responseP99: z.number().nullable(),
      }),
    })
    .nullable()
    .default(null),
});

/** Checks `health` of an interval's line. */
export const INTERVAL_HEALTH_SCHEMA: z.ZodType<IntervalHealth> = z.looseObject({
  level,
  warned: z.array(z.string()),
  invalid: z.array(z.string()),
  signals: z.record(z.string(), z.number()),
  invalidShare: z.number().exactOptional(),
});
