/**
 * The solution of a small system of linear equations by elimination with the largest pivot; not numbers where it has none.
 * @param rows the square matrix, row by row; it is not changed
 */
export function solveLinear(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = rows.map((row, i) => [...row, right[i] ?? 0]);
  const size = lines.length;
  for (let column = 0; column < size; column++) {
    const below = lines.slice(column);
    const pivot = below.reduce((best, line) =>
      largeness(line, column) > largeness(best, column) ? line : best,
    );
    lines.splice(lines.indexOf(pivot), 1);
    lines.splice(column, 0, pivot);
    for (const line of lines) {
      if (line !== pivot) subtract(line, pivot, column);
    }
  }
  return lines.map((line, i) => (line[size] ?? NaN) / (line[i] ?? NaN));
}

function largeness(line: readonly number[], column: number): number {
  return Math.abs(line[column] ?? 0);
}

function subtract(line: number[], pivot: readonly number[], column: number): void {
  const factor = (line[column] ?? 0) / (pivot[column] ?? 0);
  for (let i = 0; i < line.length; i++) line[i] = (line[i] ?? 0) - factor * (pivot[i] ?? 0);
}
