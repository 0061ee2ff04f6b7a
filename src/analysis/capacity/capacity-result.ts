import { z } from 'zod';
import type { ToolFacts } from '../../store/manifest.ts';
import type { LimitSign } from './limit-signs.ts';
import type { LittleAudit } from './little-audit.ts';
import type { SearchBounds, SearchEnding } from './search.ts';
import type { SearchGoal, SearchTrial } from './search-goal.ts';
import type { TrialFigures } from './trial-figures.ts';
import type { HoldFigures } from './hold-figures.ts';
import type { UslAnalysis } from './usl-analysis.ts';

/** Raised when a key changes its meaning; new keys do not raise it. */
export const CAPACITY_VERSION = 1;

/** What the load of a search is: frames a second over all connections, or connections held at one time. */
export type LoadKind = 'rate' | 'connections';

/** What was asked, and of whom: known before the first trial. */
export interface CapacityQuestion {
  version: typeof CAPACITY_VERSION;
  tool: ToolFacts;
  id: string;
  of: LoadKind;
  /** ISO 8601, UTC. */
  startedAt: string;
  target: string;
  /** Of the profile. */
  label: string;
  goal: SearchGoal;
  /** Measured time of a trial, after its warm-up. */
  trialSeconds: number;
  warmupSeconds: number;
  /** The largest share of the offered frames that may be lost. */
  lossRatioMax: number;
  /** A slower reply counts as lost, in microseconds; null: none does. */
  limitUs: number | null;
  /** What each trial must come to besides, as the profile has it. */
  thresholds: string[];
}

/** One trial as it is kept: a line of trials.jsonl. */
export interface CapacityTrial extends SearchTrial {
  /** From 1, in order. */
  number: number;
  /** Directory of its run, below that of the search. */
  run: string;
  /** Why it is not good, in words; none where it is. */
  reasons: string[];
  /** Of a trial of a rate; null for one of connections. */
  figures: TrialFigures | null;
  /** Of a trial of connections; null for one of a rate. */
  held: HoldFigures | null;
}

/** What the trials of one load came to. */
export interface LadderRow {
  load: number;
  trials: number;
  passed: number;
  invalid: number;
  /** Medians over the valid trials: frames a second that came back right and in time, or connections held. */
  goodPerSecond: number | null;
  lossRatio: number | null;
  responseP50: number | null;
  responseP99: number | null;
  dialP99: number | null;
  /** Sum over the valid trials. */
  failures: number;
  little: LittleAudit | null;
}

/** The limit that the lowest load which fails has met. */
export interface FirstLimit {
  load: number;
  /** Of the failed trials at it: what they show and those at the lower bound do not, the earliest first. */
  signs: LimitSign[];
  /** What the failed trials were failed for, each once, and how often. */
  reasons: { why: string; trials: number }[];
}

/** What the confirming trials prove. */
export interface Confirmation {
  load: number;
  trials: number;
  passed: number;
  /** With 95% confidence at least this share of all windows of a trial's length passes at this load. */
  shareAtLeast: number;
}

/** What a search came to: capacity.json. Times in microseconds unless a name says otherwise. */
export interface CapacityResult extends CapacityQuestion {
  seconds: number;
  /** `interrupted`: by the user; `unreached`: the target could not be dialled any more. */
  ending: SearchEnding | 'interrupted' | 'unreached';
  bounds: SearchBounds;
  /** What the lower bound really brings, a second; null where there is none. */
  conditionalThroughput: number | null;
  confirmation: Confirmation | null;
  ladder: LadderRow[];
  /** Null where the target failed no load. */
  firstLimit: FirstLimit | null;
  /** Null for connections. */
  usl: UslAnalysis | null;
  trials: CapacityTrial[];
  notes: string[];
}

const count = z.number().nonnegative();
const SEARCH_GOAL_SCHEMA = z.looseObject({
  startLoad: count,
  minLoad: count,
  ceiling: z.looseObject({ load: count, by: z.enum(['asked', 'generator']), why: z.string() }).nullable(),
  trials: count,
  exceedRatio: count,
  width: count,
  confirmTrials: count,
  wholeLoads: z.boolean(),
});

const QUESTION = {
  version: z.literal(CAPACITY_VERSION),
  id: z.string(),
  of: z.enum(['rate', 'connections']),
  startedAt: z.string(),
  target: z.string(),
  label: z.string(),
  goal: SEARCH_GOAL_SCHEMA,
  trialSeconds: count,
  warmupSeconds: count,
  lossRatioMax: count,
  limitUs: count.nullable(),
  thresholds: z.array(z.string()),
};

const TRIAL = {
  number: count,
  load: count,
  purpose: z.enum(['warmup', 'search', 'confirm']),
  verdict: z.enum(['good', 'bad', 'invalid']),
  run: z.string(),
  reasons: z.array(z.string()),
};

/** Checks what a search was asked. */
export const CAPACITY_QUESTION_SCHEMA: z.ZodType<CapacityQuestion> = z.looseObject(
  QUESTION,
) as unknown as z.ZodType<CapacityQuestion>;

/** Checks a line of trials.jsonl as far as the search needs it. */
export const CAPACITY_TRIAL_SCHEMA: z.ZodType<CapacityTrial> = z.looseObject(
  TRIAL,
) as unknown as z.ZodType<CapacityTrial>;

/** Checks what a capacity.json says of bounds, which is what a plan is made from. */
export const CAPACITY_RESULT_SCHEMA: z.ZodType<CapacityResult> = z.looseObject({
  ...QUESTION,
  ending: z.string(),
  seconds: count,
  bounds: z.looseObject({
    lower: count.nullable(),
    upper: count.nullable(),
    upperBy: z.enum(['target', 'generator']).nullable(),
  }),
  ladder: z.array(z.looseObject({ load: count })),
  trials: z.array(z.looseObject(TRIAL)),
  notes: z.array(z.string()),
}) as unknown as z.ZodType<CapacityResult>;
