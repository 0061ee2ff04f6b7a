import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CounterName } from '../measure/counters.ts';
import type { ErrorRow } from '../measure/error-table.ts';
import type { HistogramState } from '../measure/histogram-state.ts';
import type { Metric } from '../measure/metric.ts';
import type { PartialReadRow } from '../measure/partial-read-table.ts';
import type { PartialWriteRow } from '../measure/partial-write-table.ts';
import type { SideName } from '../measure/side-histograms.ts';
import { readJsonFile } from './json-file.ts';
import { RUN_FILES } from './run-files.ts';

/** Raised when a key of checkpoint.json changes its meaning. */
export const CHECKPOINT_VERSION = 1;

/**
 * What a run that goes on has come to so far: checkpoint.json, replaced every ten seconds and gone when the run has
 * ended. With the intervals after it, it is all that a report or a resumption needs of a run that broke off, however
 * long that was.
 */
export interface Checkpoint {
  version: typeof CHECKPOINT_VERSION;
  /** Of the last interval that is in it. */
  index: number;
  /** Where that one ends, since the run's start; absent in checkpoints of earlier versions. */
  endSeconds?: number;
  /** Intervals, as they were measured. */
  intervals: number;
  /** All cohorts together. */
  totals: TotalsState;
  /** In the order of the profile; none where it names none. */
  cohorts: TotalsState[];
  health: HealthState;
  thresholds: ThresholdsState;
}

/** What some connections have come to. */
export interface TotalsState {
  /** Zeros are left out. */
  counters: CounterValues;
  measured: CounterValues;
  measuredUs: number;
  peakOpen: number;
  histograms: HistogramStates;
  /** Parts of metrics; absent in checkpoints of earlier versions. */
  sides?: Partial<Record<SideName, HistogramState>>;
  errors: ErrorRow[];
  partialWrites: PartialWriteRow[];
  partialReads: PartialReadRow[];
  /** Dials attempted and connected, a pair a target address. */
  addresses: number[];
  /** Dials by how often their SYN was sent again, as the index. */
  synRetransmits: number[];
}

export type CounterValues = Partial<Record<CounterName, number>>;
export type HistogramStates = Partial<Record<Metric, HistogramState>>;

/** How the generator fared so far. */
export interface HealthState {
  judgedUs: number;
  warnedUs: number;
  invalidUs: number;
  intervals: { judged: number; warned: number; invalid: number };
  tallies: Record<string, { warned: number; invalid: number; worst: number | null }>;
}

/** How the thresholds fared so far. */
export interface ThresholdsState {
  /** In the order of the profile: what decides so far; null where nothing does. */
  decisive: ({ observed: number | null; ok: boolean; atUs: number | null } | null)[];
  /** The figures of a cohort that whole runs are judged by; a null name: of all together. */
  runs: { cohort: string | null; figures: RunFiguresState }[];
}

export interface RunFiguresState {
  counters: CounterValues;
  openMax: number;
  sound: MeasuredState;
  all: MeasuredState;
}

export interface MeasuredState {
  counters: CounterValues;
  lengthUs: number;
  histograms: HistogramStates;
}

/**
 * The checkpoint of a run; null where there is none, because the run ended or broke off in its first seconds.
 * @throws {OperatingError} when it is damaged, which no kill can bring about (ERR_STORE)
 */
export function readCheckpoint(directory: string): Checkpoint | null {
  const path = join(directory, RUN_FILES.checkpoint);
  return existsSync(path) ? readJsonFile(path, CHECKPOINT_SCHEMA) : null;
}

/** The parts are checked as far as a reader would stumble over them: they were written whole or not at all. */
const totals = z.custom<TotalsState>(
  (value) => z.looseObject({ counters: z.looseObject({}) }).safeParse(value).success,
);
const CHECKPOINT_SCHEMA: z.ZodType<Checkpoint> = z.looseObject({
  version: z.literal(CHECKPOINT_VERSION),
  index: z.number(),
  endSeconds: z.number().exactOptional(),
  intervals: z.number(),
  totals,
  cohorts: z.array(totals),
  health: z.custom<HealthState>((value) => typeof value === 'object'),
  thresholds: z.custom<ThresholdsState>((value) => typeof value === 'object'),
});
