import type { SessionOutcome } from './outcome.ts';

/** Writes that a connection's end cut short, by what ended it. */
export interface PartialWriteRow {
  cause: SessionOutcome;
  count: number;
  /** Bytes of the cut writes that the kernel took, as far as the engine knows. */
  bytesAccepted: number;
  bytesUnsent: number;
  /** False where the engine sees only what it had handed over, not what the kernel took. */
  exact: boolean;
}

/** One write that was cut short. */
export type PartialWrite = Omit<PartialWriteRow, 'count'>;

/** Partial writes by cause; exact and inexact ones are never added together. */
export class PartialWriteTable {
  readonly #rows = new Map<string, PartialWriteRow>();

  note(write: PartialWrite): void {
    this.merge({ ...write, count: 1 });
  }

  /** Adds a row of another table. */
  merge(row: PartialWriteRow): void {
    const key = `${row.cause} ${row.exact}`;
    const known = this.#rows.get(key);
    if (known === undefined) {
      this.#rows.set(key, { ...row });
      return;
    }
    known.count += row.count;
    known.bytesAccepted += row.bytesAccepted;
    known.bytesUnsent += row.bytesUnsent;
  }

  /** Copies of the rows, in the order in which their causes were first noted. */
  rows(): PartialWriteRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }
}

/** The rows of two tables as one, most frequent first. */
export function mergePartialWriteRows(
  a: readonly PartialWriteRow[],
  b: readonly PartialWriteRow[],
): PartialWriteRow[] {
  const table = new PartialWriteTable();
  for (const row of a) table.merge(row);
  for (const row of b) table.merge(row);
  return table.rows().toSorted((x, y) => y.count - x.count);
}
