import { expect, test } from 'vitest';
import { mergePartialReadRows, PartialReadTable } from '../../src/measure/partial-read-table.ts';

test('PartialReadTable.note adds up bytes by cause', () => {
  const table = new PartialReadTable();
  table.note('reset-mid-frame', 30);
  table.note('peer-closed-mid-frame', 2);
  table.note('reset-mid-frame', 4);
  expect(table.rows()).toEqual([
    { cause: 'reset-mid-frame', count: 2, bytesReceived: 34 },
    { cause: 'peer-closed-mid-frame', count: 1, bytesReceived: 2 },
  ]);
});

test('mergePartialReadRows puts the most frequent first and leaves its inputs alone', () => {
  const rare = { cause: 'reset-mid-frame', count: 1, bytesReceived: 5 } as const;
  const frequent = { cause: 'oversize-frame', count: 3, bytesReceived: 12 } as const;
  expect(mergePartialReadRows([[rare], [frequent, rare], []])).toEqual([
    frequent,
    { cause: 'reset-mid-frame', count: 2, bytesReceived: 10 },
  ]);
  expect(rare.count).toBe(1);
});
