/**
 * The candidate that a misspelt `word` most likely meant, or null when none is near: at most one edit in every three
 * characters, so that short words do not suggest unrelated ones.
 */
export function closestWord(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestEdits = Math.floor(Math.max(word.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `from` into `to`, by dynamic programming over
 * the prefixes of both: O(length x length), which keys and names never make large.
 * Source: optimal string alignment distance, F. Damerau, Commun. ACM 7 (1964), 171.
 */
function editDistance(from: string, to: string): number {
  const width = to.length + 1;
  const table = new Uint32Array((from.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = 0; row <= from.length; row++) {
    for (let column = 0; column < width; column++) {
      table[row * width + column] = Math.min(
        row === 0 ? column : at(row - 1, column) + 1,
        column === 0 ? row : at(row, column - 1) + 1,
        row > 0 && column > 0
          ? at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
          : Infinity,
        isSwap(from, to, row, column) ? at(row - 2, column - 2) + 1 : Infinity,
      );
    }
  }
  return at(from.length, to.length);
}

function isSwap(from: string, to: string, row: number, column: number): boolean {
  if (row < 2 || column < 2) return false;
  return from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
}
