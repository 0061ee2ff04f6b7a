/**
 * Which of several tests may be called findings, so that of all findings at most the share `level` is false, and of runs in
 * which nothing happened at most that share has one: the largest k with p(k) <= level k / m, and all up to it.
 * Source: Y. Benjamini, Y. Hochberg, J. R. Stat. Soc. B 57 (1995), 289.
 * @returns the largest p that is a finding; 0 where none is
 */
export function discoveryBound(ps: readonly number[], level: number): number {
  const ordered = ps.toSorted((a, b) => a - b);
  const last = ordered.findLastIndex((p, index) => p <= (level * (index + 1)) / ordered.length);
  return ordered[last] ?? 0;
}
