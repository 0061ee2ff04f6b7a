import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ERROR_ROWS_MAX,
  ErrorTable,
  OVERFLOW_KIND,
  mergeErrorRows,
  type ErrorKind,
  type ErrorRow,
} from '../../src/measure/error-table.ts';

const RESET: ErrorKind = {
  phase: 'open',
  outcome: 'reset',
  errno: 'ECONNRESET',
  errnoNumber: 104,
  syscall: 'read',
};

function totalOf(rows: readonly ErrorRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

test('ErrorTable.note counts a kind in one row with its first and last time', () => {
  const table = new ErrorTable();
  for (const atMs of [20, 10, 30]) table.note(RESET, atMs);
  expect(table.rows()).toEqual([{ ...RESET, count: 3, firstAtMs: 10, lastAtMs: 30 }]);
});

test.each([
  { other: { ...RESET, phase: 'drain' }, difference: 'phase' },
  { other: { ...RESET, outcome: 'reset-mid-frame' }, difference: 'outcome' },
  { other: { ...RESET, errno: 'EPIPE' }, difference: 'errno' },
  { other: { ...RESET, syscall: 'write' }, difference: 'system call' },
] satisfies { other: ErrorKind; difference: string }[])(
  'ErrorTable.note keeps kinds apart by $difference',
  ({ other }) => {
    const table = new ErrorTable();
    table.note(RESET, 1);
    table.note(other, 1);
    expect(table.rows()).toHaveLength(2);
  },
);

test('ErrorTable.rows hands out copies', () => {
  const table = new ErrorTable();
  table.note(RESET, 1);
  const [before] = table.rows();
  table.note(RESET, 2);
  expect(before?.count).toBe(1);
});

test('ErrorTable counts kinds beyond its bound in one overflow row', () => {
  const table = new ErrorTable();
  for (let i = 0; i < ERROR_ROWS_MAX + 25; i++) table.note({ ...RESET, errno: `E${i}` }, i);
  table.note({ ...RESET, errno: 'E0' }, 500);
  const rows = table.rows();
  expect(rows).toHaveLength(ERROR_ROWS_MAX + 1);
  expect(rows[0]).toMatchObject({ errno: 'E0', count: 2, lastAtMs: 500 });
  expect(rows.at(-1)).toEqual({
    ...OVERFLOW_KIND,
    count: 25,
    firstAtMs: ERROR_ROWS_MAX,
    lastAtMs: ERROR_ROWS_MAX + 24,
  });
});

test('mergeErrorRows keeps every count, whatever overflows, and gives one result from either side', () => {
  const notes = fc.array(fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 1000 })), {
    maxLength: 300,
  });
  const tableOf = (entries: readonly (readonly [number, number])[]): ErrorRow[] => {
    const table = new ErrorTable();
    for (const [kind, atMs] of entries) table.note({ ...RESET, errno: `E${kind}` }, atMs);
    return table.rows();
  };
  fc.assert(
    fc.property(notes, notes, (a, b) => {
      const merged = mergeErrorRows(tableOf(a), tableOf(b));
      expect(totalOf(merged)).toBe(a.length + b.length);
      expect(merged.length).toBeLessThanOrEqual(ERROR_ROWS_MAX + 1);
      const kinds = new Set([...a, ...b].map(([kind]) => kind)).size;
      if (kinds <= ERROR_ROWS_MAX) expect(mergeErrorRows(tableOf(b), tableOf(a))).toEqual(merged);
    }),
    { numRuns: 50 },
  );
});

test('mergeErrorRows puts the most frequent kind first', () => {
  const rare = { ...RESET, count: 1, firstAtMs: 1, lastAtMs: 1 };
  const frequent = { ...RESET, errno: 'EPIPE', count: 9, firstAtMs: 5, lastAtMs: 8 };
  expect(mergeErrorRows([rare], [frequent])).toEqual([frequent, rare]);
});
