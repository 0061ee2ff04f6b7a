import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { COMPARISON_VERSION, type CompareRules, type Comparison } from '../analysis/compare/comparison.ts';
import { METRIC_NAMES } from '../analysis/compare/metrics.ts';
import { AppendFile } from '../store/append-file.ts';
import { jsonText, readJsonFile, readJsonLines } from '../store/json-file.ts';
import { makeDirectories } from '../store/make-directories.ts';
import { onDisk, storeError } from '../store/store-error.ts';
import { writeWhole } from '../store/whole-file.ts';
import type { Side } from './abba.ts';

/** What was planned: comparison.json, written before the first run. */
export interface ComparePlan {
  version: typeof COMPARISON_VERSION;
  id: string;
  name: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Targets or commands. */
  a: string;
  b: string;
  /** Which side was run first in each pair. */
  order: [Side, Side][];
  rules: CompareRules;
}

/** A run of the comparison that has ended: a line of runs.jsonl. */
export interface RecordedRun {
  /** From 0. */
  pair: number;
  side: Side;
  /** Id of the run, whose directory lies beside the comparison's. */
  run: string;
}

const FILES = { plan: 'comparison.json', runs: 'runs.jsonl', result: 'result.json' } as const;

/** The directory of a comparison while it goes on: a kill loses no run that has ended. */
export class CompareRecord {
  readonly directory: string;
  readonly #runs: AppendFile;

  /** @throws {OperatingError} when the directory exists or cannot be made (ERR_STORE) */
  constructor(outDir: string, plan: ComparePlan) {
    this.directory = join(outDir, plan.id);
    onDisk('Cannot create', this.directory, () => makeDirectories(this.directory));
    writeWhole(join(this.directory, FILES.plan), jsonText(plan));
    this.#runs = AppendFile.create(join(this.directory, FILES.runs));
  }

  /** @throws {OperatingError} when the disk does not take it (ERR_STORE) */
  append(run: RecordedRun): void {
    this.#runs.append(`${JSON.stringify(run)}\n`);
  }

  /**
   * What the comparison came to, beside the runs that it was computed from.
   * @throws {OperatingError} when the disk does not take it (ERR_STORE)
   */
  finish(result: Comparison): void {
    writeWhole(join(this.directory, FILES.result), jsonText(result));
  }

  close(): void {
    this.#runs.close();
  }
}

/** A comparison that was stored, ended or not. */
export interface StoredComparison {
  plan: ComparePlan;
  runs: RecordedRun[];
  /** Where its runs lie. */
  outDir: string;
}

/** Whether a directory holds a comparison. */
export function isComparison(directory: string): boolean {
  return existsSync(join(directory, FILES.plan));
}

/**
 * Reads a comparison's plan and which runs have ended; a last line that a kill has torn is dropped.
 * @throws {OperatingError} when there is none, or a file is damaged (ERR_STORE)
 */
export function readComparison(directory: string): StoredComparison {
  if (!isComparison(directory)) {
    throw storeError(
      `Cannot read the comparison ${directory}: it must be a directory with ${FILES.plan} in it, as tidemark compare ` +
        'leaves one beside its runs',
    );
  }
  const path = join(directory, FILES.runs);
  return {
    plan: readJsonFile(join(directory, FILES.plan), PLAN_SCHEMA),
    runs: existsSync(path) ? readJsonLines(path, RUN_SCHEMA) : [],
    outDir: join(directory, '..'),
  };
}

const side = z.enum(['a', 'b']);
const PLAN_SCHEMA: z.ZodType<ComparePlan> = z.looseObject({
  version: z.literal(COMPARISON_VERSION),
  id: z.string(),
  name: z.string(),
  startedAt: z.iso.datetime(),
  a: z.string(),
  b: z.string(),
  order: z.array(z.tuple([side, side])),
  rules: z.looseObject({
    confidence: z.number().gt(0).lt(1),
    delta: z.number().positive(),
    deltaBad: z.number().positive(),
    gate: z.array(z.enum(METRIC_NAMES)),
    gateUnpaired: z.boolean(),
    seed: z.number(),
  }),
});
const RUN_SCHEMA: z.ZodType<RecordedRun> = z.looseObject({
  pair: z.number().int().nonnegative(),
  side,
  // A name, never a way out of the directory.
  run: z
    .string()
    .refine(
      (name) => name === basename(name) && name !== '..' && name !== '.',
      'must name a run of the comparison',
    ),
});
