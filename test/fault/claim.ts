import type { Summary } from '../../src/store/summary.ts';
import type { TargetTruth } from '../../src/target/target-counters.ts';

/** Both sides of a run: what the tester reported and what the target did. */
export interface BothSides {
  summary: Summary;
  truth: TargetTruth;
}

/** Whether a claim holds, and the same claim with its numbers. */
export interface Judgement {
  holds: boolean;
  /** For example `4 = 3`. */
  numbers: string;
}

/**
 * Holds a claim such as `frames.lost = fault.fins + 3 * fault2.resets` against both sides.
 * @throws {Error} for a claim that names something unknown, or that has no relation
 */
export function judge(claim: string, sides: BothSides): Judgement {
  const match = /^(.+) (=|<=|>=) (.+)$/.exec(claim);
  if (match === null) throw new Error(`Cannot read the claim '${claim}': it has no relation`);
  const [, left = '', relation = '', right = ''] = match;
  const a = sum(left, sides);
  const b = sum(right, sides);
  return { holds: compare(a, relation, b), numbers: `${a} ${relation} ${b}` };
}

/** The names that a claim speaks of. */
export function namesIn(claim: string): string[] {
  return claim.split(' ').filter((word) => /^[a-z]/.test(word));
}

function compare(a: number, relation: string, b: number): boolean {
  if (relation === '=') return a === b;
  return relation === '<=' ? a <= b : a >= b;
}

function sum(text: string, sides: BothSides): number {
  let total = 0;
  for (const term of text.replaceAll(' - ', ' + -1 * ').split(' + ')) {
    total += term.split(' * ').reduce((product, factor) => product * valueOf(factor, sides), 1);
  }
  return total;
}

function valueOf(name: string, sides: BothSides): number {
  const value = /^-?\d+$/.test(name) ? Number(name) : lookUp(name, sides);
  if (typeof value !== 'number') throw new Error(`Cannot read '${name}' as a number: it is ${String(value)}`);
  return value;
}

function lookUp(name: string, { summary, truth }: BothSides): unknown {
  const [head = '', ...path] = name.split('.');
  const fault = /^fault(\d?)$/.exec(head);
  if (fault !== null) {
    const entry = truth.faults[Number(fault[1] || '1') - 1];
    return follow({ connections: entry?.connections, ...entry?.counts }, path);
  }
  if (head === 'target') return follow(truth, path);
  if (head === 'trial') return truth.faults[0]?.endings.some(({ connection }) => connection === 0) ? 1 : 0;
  if (head === 'partial') return rowSum(summary.writes.partial, path);
  if (head === 'partialReads') return rowSum(summary.reads.partial, path);
  return follow(summary, name.split('.'));
}

/** Null as soon as one row does not know. */
function rowSum(rows: readonly object[], path: readonly string[]): number | null {
  const values = rows.map((row) => follow(row, path));
  return values.every((value) => typeof value === 'number') ? values.reduce((a, b) => a + b, 0) : null;
}

function follow(from: unknown, path: readonly string[]): unknown {
  let at = from;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}
