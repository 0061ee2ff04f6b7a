import { expect, test } from 'vitest';
import { PartialWriteTable, mergePartialWriteRows } from '../../src/measure/partial-write-table.ts';

test('PartialWriteTable.note adds up bytes by cause, and keeps exact and inexact apart', () => {
  const table = new PartialWriteTable();
  table.note({
    cause: 'reset',
    bytesAccepted: 100,
    bytesUnsent: 28,
    bytesAcked: 1000,
    bytesUnacked: 60,
    exact: true,
  });
  table.note({
    cause: 'reset',
    bytesAccepted: 1,
    bytesUnsent: 2,
    bytesAcked: 200,
    bytesUnacked: 3,
    exact: true,
  });
  table.note({
    cause: 'reset',
    bytesAccepted: 0,
    bytesUnsent: 64,
    bytesAcked: null,
    bytesUnacked: null,
    exact: false,
  });
  expect(table.rows()).toEqual([
    {
      cause: 'reset',
      count: 2,
      bytesAccepted: 101,
      bytesUnsent: 30,
      bytesAcked: 1200,
      bytesUnacked: 63,
      exact: true,
    },
    {
      cause: 'reset',
      count: 1,
      bytesAccepted: 0,
      bytesUnsent: 64,
      bytesAcked: null,
      bytesUnacked: null,
      exact: false,
    },
  ]);
});

test('mergePartialWriteRows adds rows of one cause and leaves its inputs alone', () => {
  const a = {
    cause: 'reset',
    count: 1,
    bytesAccepted: 5,
    bytesUnsent: 6,
    bytesAcked: 20,
    bytesUnacked: 4,
    exact: true,
  } as const;
  const b = {
    cause: 'broken-pipe',
    count: 3,
    bytesAccepted: 7,
    bytesUnsent: 8,
    bytesAcked: null,
    bytesUnacked: null,
    exact: true,
  } as const;
  expect(mergePartialWriteRows([a], [a, b])).toEqual([
    b,
    {
      cause: 'reset',
      count: 2,
      bytesAccepted: 10,
      bytesUnsent: 12,
      bytesAcked: 40,
      bytesUnacked: 8,
      exact: true,
    },
  ]);
  expect(a.count).toBe(1);
});
