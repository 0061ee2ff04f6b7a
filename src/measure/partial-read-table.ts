import type { SessionOutcome } from './outcome.ts';

/** Frames that a connection's end cut in the middle of their coming, by what ended it. */
export interface PartialReadRow {
  cause: SessionOutcome;
  count: number;
  /**
   * Bytes of the cut frames, headers included, that had come and been read. What still lay unread in the kernel when
   * the connection ended is in none of them; the epoll engine counts it as `bytesUnread`.
   */
  bytesReceived: number;
}

/** Partial reads by cause. */
export class PartialReadTable {
  readonly #rows = new Map<SessionOutcome, PartialReadRow>();

  /** One frame that was cut after `bytesReceived` of its bytes. */
  note(cause: SessionOutcome, bytesReceived: number): void {
    this.merge({ cause, count: 1, bytesReceived });
  }

  /** Adds a row of another table. */
  merge(row: PartialReadRow): void {
    const known = this.#rows.get(row.cause);
    if (known === undefined) {
      this.#rows.set(row.cause, { ...row });
      return;
    }
    known.count += row.count;
    known.bytesReceived += row.bytesReceived;
  }

  /** Copies of the rows, in the order in which their causes were first noted. */
  rows(): PartialReadRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }
}

/** The rows of several tables as one, most frequent first. */
export function mergePartialReadRows(tables: readonly (readonly PartialReadRow[])[]): PartialReadRow[] {
  const table = new PartialReadTable();
  for (const row of tables.flat()) table.merge(row);
  return table.rows().toSorted((x, y) => y.count - x.count);
}
