import type { ComparedRun } from './compared-run.ts';

/** A run of each side, measured one after the other. */
export interface RunPair {
  a: ComparedRun;
  b: ComparedRun;
}

/**
 * The pairs of runs that took turns; null where they did not. They did when, in the order of their start, every two that follow
 * each other (first and second, third and fourth, ...) are one of each side, as in ABBA or ABAB, and no run began before the one
 * before it had ended. What drifts meanwhile then meets both runs of a pair nearly alike.
 */
export function pairInterleaved(a: readonly ComparedRun[], b: readonly ComparedRun[]): RunPair[] | null {
  if (a.length !== b.length || a.length === 0) return null;
  const sides = new Map<ComparedRun, 'a' | 'b'>([
    ...a.map((run) => [run, 'a'] as const),
    ...b.map((run) => [run, 'b'] as const),
  ]);
  const ordered = [...sides.keys()].toSorted((one, other) => one.startedMs - other.startedMs);
  const pairs: RunPair[] = [];
  for (let i = 0; i + 1 < ordered.length; i += 2) {
    const [first, second] = [ordered[i]!, ordered[i + 1]!];
    if (sides.get(first) === sides.get(second)) return null;
    pairs.push(sides.get(first) === 'a' ? { a: first, b: second } : { a: second, b: first });
  }
  return overlapping(ordered) === null ? pairs : null;
}

/** Two runs that went on at the same time and so disturbed each other; null where there are none. */
export function overlapping(runs: readonly ComparedRun[]): [ComparedRun, ComparedRun] | null {
  const ordered = runs.toSorted((one, other) => one.startedMs - other.startedMs);
  for (let i = 1; i < ordered.length; i++) {
    // A run's start is noted before it dials, and its length counts from its first dial.
    if (ordered[i]!.startedMs < ordered[i - 1]!.endedMs) return [ordered[i - 1]!, ordered[i]!];
  }
  return null;
}
