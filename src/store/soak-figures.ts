import { z } from 'zod';
import type { HistogramSummary } from '../measure/latency-histogram.ts';
import type { SessionOutcome } from '../measure/outcome.ts';

/** Response times of connections of one age, by their age when the reply came. */
export interface AgeRow {
  /** Ages from here, in seconds. */
  fromSeconds: number;
  /** To here, exclusive; null: without end. */
  toSeconds: number | null;
  /** In microseconds; without the warm-up, as `histograms.response`, whose values are those of all ages together. */
  response: HistogramSummary;
}

/** Connections that looked alive and answered nothing. */
export interface HalfOpen {
  /** How many a detector found: the sum of the rows. */
  found: number;
  /** By the session outcome that names the detector, most frequent first. */
  byDetector: DetectorRow[];
  /** Of all sessions: those that never brought a byte and of which the target acknowledged nothing. */
  ghosts: number;
}

/** What one detector found. Times since the last sign of life, in microseconds. */
export interface DetectorRow {
  detector: SessionOutcome;
  count: number;
  p50: number | null;
  max: number | null;
}

/** What a process of the target held over the run (`--watch-pid`). */
export interface TargetProcess {
  pid: number;
  name: string;
  /** When it was found gone, since the run's start; null where it outlived the run. */
  endedAtSeconds: number | null;
  residentBytes: GaugeSpan | null;
  descriptors: GaugeSpan | null;
  threads: GaugeSpan | null;
  /** Processors in use, 1 for one of them, of each interval. */
  cpus: GaugeSpan | null;
}

/** A gauge's first, last and highest reading. */
export interface GaugeSpan {
  first: number;
  last: number;
  max: number;
}

const number = z.number();
const time = z.number().nullable();
const span: z.ZodType<GaugeSpan | null> = z
  .looseObject({ first: number, last: number, max: number })
  .nullable();

/** Checks `byAge` of a summary.json. */
export const BY_AGE_SCHEMA: z.ZodType<AgeRow[]> = z.array(
  z.looseObject({
    fromSeconds: number,
    toSeconds: number.nullable(),
    response: z.looseObject({
      count: number,
      min: time,
      mean: time,
      p50: time,
      p90: time,
      p99: time,
      p999: time,
      p9999: time,
      max: time,
    }),
  }),
);

/** Checks `halfOpen`. */
export const HALF_OPEN_SCHEMA: z.ZodType<HalfOpen> = z.looseObject({
  found: number,
  byDetector: z.array(
    z.looseObject({
      detector: z.custom<SessionOutcome>((value) => typeof value === 'string', 'Must be text'),
      count: number,
      p50: time,
      max: time,
    }),
  ),
  ghosts: number,
});

/** Checks `targetProcess`. */
export const TARGET_PROCESS_SCHEMA: z.ZodType<TargetProcess> = z.looseObject({
  pid: number,
  name: z.string(),
  endedAtSeconds: number.nullable(),
  residentBytes: span,
  descriptors: span,
  threads: span,
  cpus: span,
});
