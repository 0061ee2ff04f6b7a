import type { DialOutcome, Phase, SessionOutcome } from './outcome.ts';

/** One kind of failure as the socket told it, and how often. */
export interface ErrorRow {
  /** `any` in the overflow row alone. */
  phase: Phase | 'any';
  outcome: DialOutcome | SessionOutcome | 'any';
  /** Name of the errno, for example ECONNRESET, or a TLS error code. */
  errno: string;
  /** Its number (positive), 0 where there is none. */
  errnoNumber: number;
  /** The system call that reported it, or `handshake`. */
  syscall: string;
  count: number;
  /** Milliseconds since the run's start. */
  firstAtMs: number;
  lastAtMs: number;
}

/** What tells one row from another, and what a failure brings along. */
export type ErrorKind = Omit<ErrorRow, 'count' | 'firstAtMs' | 'lastAtMs'>;

/** Distinct rows of a table; further kinds are counted together in one overflow row. */
export const ERROR_ROWS_MAX = 100;

/** Where kinds beyond `ERROR_ROWS_MAX` are counted. */
export const OVERFLOW_KIND: ErrorKind = {
  phase: 'any',
  outcome: 'any',
  errno: 'further kinds',
  errnoNumber: 0,
  syscall: 'any',
};

/** Failures by phase, outcome, errno and system call; bounded, so that a hostile target cannot fill the memory. */
export class ErrorTable {
  readonly #rows = new Map<string, ErrorRow>();

  /** Counts one failure at `atMs` since the run's start. */
  note(kind: ErrorKind, atMs: number): void {
    this.#add(kind, { count: 1, firstAtMs: atMs, lastAtMs: atMs });
  }

  /** Adds a row of another table. */
  merge(row: ErrorRow): void {
    this.#add(row, row);
  }

  /** Copies of the rows, in the order in which their kinds were first noted. */
  rows(): ErrorRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  #add(kind: ErrorKind, times: Pick<ErrorRow, 'count' | 'firstAtMs' | 'lastAtMs'>): void {
    const row = this.#rowOf(kind, times);
    row.count += times.count;
    row.firstAtMs = Math.min(row.firstAtMs, times.firstAtMs);
    row.lastAtMs = Math.max(row.lastAtMs, times.lastAtMs);
  }

  #rowOf(kind: ErrorKind, times: Pick<ErrorRow, 'firstAtMs' | 'lastAtMs'>): ErrorRow {
    const known = this.#rows.get(keyOf(kind));
    if (known !== undefined) return known;
    const { phase, outcome, errno, errnoNumber, syscall } = this.#isFull() ? OVERFLOW_KIND : kind;
    const key = keyOf({ phase, outcome, errno, errnoNumber, syscall });
    const { firstAtMs, lastAtMs } = times;
    const fresh: ErrorRow = { phase, outcome, errno, errnoNumber, syscall, count: 0, firstAtMs, lastAtMs };
    const row = this.#rows.get(key) ?? fresh;
    this.#rows.set(key, row);
    return row;
  }

  /** The overflow row itself does not count against the bound. */
  #isFull(): boolean {
    return this.#rows.size - (this.#rows.has(OVERFLOW_KEY) ? 1 : 0) >= ERROR_ROWS_MAX;
  }
}

/** The rows of two tables as one, most frequent first; counts are kept, kinds beyond the bound are not. */
export function mergeErrorRows(a: readonly ErrorRow[], b: readonly ErrorRow[]): ErrorRow[] {
  const table = new ErrorTable();
  for (const row of a) table.merge(row);
  for (const row of b) table.merge(row);
  return table.rows().toSorted(byCount);
}

/** Equal counts are put in the order of their keys, so that a merge gives one result whichever side comes first. */
function byCount(a: ErrorRow, b: ErrorRow): number {
  if (a.count !== b.count) return b.count - a.count;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function keyOf({ phase, outcome, errno, syscall }: ErrorKind): string {
  return `${phase} ${outcome} ${errno} ${syscall}`;
}

const OVERFLOW_KEY = keyOf(OVERFLOW_KIND);
