import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { readComparedRun, type ComparedRun } from '../analysis/compare/compared-run.ts';
import type { CompareQuestion } from '../analysis/compare/compare-runs.ts';
import { onDisk, storeError } from '../store/store-error.ts';
import { isComparison, type StoredComparison } from './compare-record.ts';

/**
 * What a stored comparison asks: of pairs of which both runs have ended. Whatever was planned beyond them makes it one that ended
 * early.
 * @param interrupted whether a signal has ended it
 * @throws {OperatingError} when one of its runs is gone or damaged (ERR_STORE)
 */
export function questionOfStored(
  { plan, runs, outDir }: StoredComparison,
  interrupted: boolean,
): CompareQuestion {
  const sides: { a: ComparedRun[]; b: ComparedRun[] } = { a: [], b: [] };
  for (const pair of plan.order.keys()) {
    const [a, b] = (['a', 'b'] as const).map((side) =>
      runs.find((run) => run.pair === pair && run.side === side),
    );
    if (a === undefined || b === undefined) continue;
    sides.a.push(readComparedRun(join(outDir, a.run)));
    sides.b.push(readComparedRun(join(outDir, b.run)));
  }
  const measured = sides.a.length;
  const planned = plan.order.length;
  const early = interrupted ? 'interrupted by a signal' : 'it broke off';
  return {
    name: plan.name,
    kind: 'paired',
    a: { what: plan.a, runs: sides.a },
    b: { what: plan.b, runs: sides.b },
    rules: plan.rules,
    planned,
    endedEarly: measured < planned ? early : null,
    interrupted: interrupted && measured < planned,
    differences: [],
    notes: inFlightNotes([...sides.a, ...sides.b]),
  };
}

/** Runs that ended with frames unanswered, which may have burdened the next one. */
function inFlightNotes(runs: readonly ComparedRun[]): string[] {
  const left = runs.filter(({ summary }) => summary.frames.inFlightAtEnd > 0);
  if (left.length === 0) return [];
  const ids = left.map(({ id, summary }) => `${id} (${summary.frames.inFlightAtEnd})`);
  return [
    `frames were still in flight when these runs had drained, so that the next one was waited with: ${ids.join(', ')}`,
  ];
}

/**
 * The directory of the comparison a user means.
 * @param reference an id, a prefix that only one comparison has, the path of its directory, or `latest`
 * @throws {OperatingError} when it fits none, or more than one (ERR_STORE)
 */
export function resolveComparison(outDir: string, reference: string): string {
  if (reference.includes(sep) || isComparison(reference)) return reference;
  const ids = comparisonIds(outDir);
  const matches = reference === 'latest' ? ids.slice(-1) : ids.filter((id) => id.startsWith(reference));
  const exact = matches.find((id) => id === reference) ?? (matches.length === 1 ? matches[0] : undefined);
  if (exact !== undefined) return join(outDir, exact);
  throw storeError(
    `Cannot find the comparison '${reference}': it must be an id, a unique prefix of one, a directory or 'latest', and ` +
      `${outDir} holds ${ids.length === 0 ? 'no comparisons' : `${ids.length}, of which ${matches.length} fit`}`,
  );
}

/** The earliest first, since ids begin with the time. */
function comparisonIds(outDir: string): string[] {
  const names = onDisk('Cannot list the comparisons in', outDir, () => readdirSync(outDir));
  return names.filter((name) => isComparison(join(outDir, name))).toSorted();
}
