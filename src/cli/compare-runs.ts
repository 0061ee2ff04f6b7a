import { compareRuns, type CompareQuestion } from '../analysis/compare/compare-runs.ts';
import { readComparedRun, type ComparedRun } from '../analysis/compare/compared-run.ts';
import type { CompareRules } from '../analysis/compare/comparison.ts';
import { differencesOf } from '../analysis/compare/differences.ts';
import { pairInterleaved } from '../analysis/compare/pairing.ts';
import { OperatingError } from '../base/errors.ts';
import { resolveRun } from '../store/run-store.ts';
import { parseRules, type CompareFlags } from './compare-flags.ts';
import { showComparison } from './compare-output.ts';
import { outDirectory, type Io } from './io.ts';

/**
 * Compares runs that were stored before: paired where they took turns, otherwise as two groups.
 * @throws {OperatingError} when a run cannot be read, is on both sides, or they are not alike and nothing was forced
 */
export function compareStoredRuns(io: Io, flags: CompareFlags): void {
  const outDir = outDirectory(io, flags.out);
  const a = readRuns(outDir, flags.baseline ?? []);
  const b = readRuns(outDir, flags.candidate ?? []);
  refuseRepeated([...a, ...b]);
  const differences = differencesOf([...a, ...b]);
  if (differences.length > 0 && flags.force !== true) throw unlikeError(differences);
  const question = questionOf(a, b, { flags, differences });
  showComparison(io, flags, { question, comparison: compareRuns(question), directory: null });
}

function readRuns(outDir: string, references: readonly string[]): ComparedRun[] {
  if (references.length > RUNS_A_SIDE_MAX) {
    throw new OperatingError(
      'ERR_USAGE',
      `Cannot compare more than ${RUNS_A_SIDE_MAX} runs a side: current value is ${references.length}`,
    );
  }
  const runs = references.map((reference) => readComparedRun(resolveRun(outDir, reference)));
  return runs.toSorted((one, other) => one.startedMs - other.startedMs);
}

function refuseRepeated(runs: readonly ComparedRun[]): void {
  const seen = new Set<string>();
  for (const { summary } of runs) {
    const { id } = summary.run;
    if (seen.has(id)) {
      throw new OperatingError('ERR_USAGE', `Cannot compare a run with itself: ${id} is named twice`);
    }
    seen.add(id);
  }
}

function unlikeError(differences: readonly string[]): OperatingError {
  const shown = differences.slice(0, DIFFERENCES_SHOWN_MAX).map((difference) => `  ${difference}`);
  const further = differences.length - shown.length;
  return new OperatingError(
    'ERR_USAGE',
    'Cannot compare these runs: profile, payload, engine, machine and calibration must be alike, and they differ in\n' +
      `${shown.join('\n')}${further > 0 ? `\n  and ${further} more` : ''}\n--force compares them all the same, and says so ` +
      'on the result',
  );
}

function questionOf(
  a: ComparedRun[],
  b: ComparedRun[],
  { flags, differences }: { flags: CompareFlags; differences: string[] },
): CompareQuestion {
  const [anyRun] = a;
  if (anyRun === undefined) throw new OperatingError('ERR_USAGE', '--baseline must name at least one run');
  const { profile } = anyRun.summary.run;
  const rules: CompareRules = parseRules(flags, { ...profile, seed: SETTLE_SEED });
  const pairs = pairInterleaved(a, b);
  return {
    name: labelsOf(b),
    kind: pairs === null ? 'unpaired' : 'paired',
    a: { what: `${labelsOf(a)} against ${targetsOf(a)}`, runs: pairs?.map((pair) => pair.a) ?? a },
    b: { what: `${labelsOf(b)} against ${targetsOf(b)}`, runs: pairs?.map((pair) => pair.b) ?? b },
    rules,
    planned: Math.min(a.length, b.length),
    endedEarly: null,
    interrupted: false,
    differences,
    notes: orderNotes(pairs),
  };
}

/** Pairs in which one side always came first leave a steady drift in the change. */
function orderNotes(pairs: { a: ComparedRun; b: ComparedRun }[] | null): string[] {
  if (pairs === null || pairs.length < 2) return [];
  const aFirst = pairs.filter(({ a, b }) => a.startedMs < b.startedMs).length;
  if (aFirst > 0 && aFirst < pairs.length) return [];
  const side = aFirst === 0 ? 'B' : 'A';
  return [
    `${side} was run first in every pair: half a step of any steady drift is in the change (ABBA has none)`,
  ];
}

function labelsOf(runs: readonly ComparedRun[]): string {
  return shortList(runs.map(({ summary }) => summary.run.label));
}

function targetsOf(runs: readonly ComparedRun[]): string {
  return shortList(runs.map(({ summary }) => summary.run.target));
}

/** Eight runs of one side have eight labels, of which two say enough. */
function shortList(names: readonly string[]): string {
  const different = [...new Set(names)];
  const [first = ''] = different;
  return different.length < 3 ? different.join(', ') : `${first} to ${different.at(-1) ?? ''}`;
}

/** Of the simulation of how many pairs would settle it: the same runs are always judged alike. */
const SETTLE_SEED = 1;
/** Stored runs of one side. */
const RUNS_A_SIDE_MAX = 64;
/** Differences that a refusal shows. */
const DIFFERENCES_SHOWN_MAX = 20;
