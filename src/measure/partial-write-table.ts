import type { SessionOutcome } from './outcome.ts';

/** Frames that a connection's end cut in the middle of their sending, by what ended it. */
export interface PartialWriteRow {
  cause: SessionOutcome;
  count: number;
  /** Bytes of the cut frames that the kernel took, as far as the engine knows. */
  bytesAccepted: number;
  /** Bytes of the cut frames that it did not. */
  bytesUnsent: number;
  /** Bytes of the whole connections that the peers' kernels acknowledged; null where the engine cannot see it. */
  bytesAcked: number | null;
  /** Bytes of them that the own kernel took and the peers' had not acknowledged at the end; null where not known. */
  bytesUnacked: number | null;
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
    known.bytesAcked = addKnown(known.bytesAcked, row.bytesAcked);
    known.bytesUnacked = addKnown(known.bytesUnacked, row.bytesUnacked);
  }

  /** Copies of the rows, in the order in which their causes were first noted. */
  rows(): PartialWriteRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }
}

/** A sum with something unknown in it is unknown. */
function addKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
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
