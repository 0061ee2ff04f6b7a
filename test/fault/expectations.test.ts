import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { FAULT_NAMES } from '../../src/target/fault/catalogue.ts';
import { expectationTable, TABLE_BEGIN, TABLE_END, unpadded } from './expectation-table.ts';
import { EXPECTATIONS } from './expectations.ts';

const PAGE = new URL('../../docs/faults.md', import.meta.url);
const RENEW =
  'RENEW_DOCS=1 npx vitest run test/fault/expectations.test.ts && npx prettier --write docs/faults.md';

test('every fault mode is shown by some run', () => {
  const shown = new Set(EXPECTATIONS.flatMap(({ modes }) => modes));
  expect(FAULT_NAMES.filter((name) => !shown.has(name))).toEqual([]);
});

test('every run is of the modes that it says it shows', () => {
  for (const { modes, faults } of EXPECTATIONS) {
    expect(faults.map((form) => form.replace(/[:@].*/, ''))).toEqual(modes);
  }
});

test('docs/faults.md shows what the tests expect', () => {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(TABLE_BEGIN) + TABLE_BEGIN.length;
  const end = page.indexOf(TABLE_END);
  expect(end, `the page has no block between '${TABLE_BEGIN}' and '${TABLE_END}'`).toBeGreaterThan(begin);
  if (process.env['RENEW_DOCS'] === '1') {
    writeFileSync(PAGE, `${page.slice(0, begin)}\n\n${expectationTable()}\n${page.slice(end)}`);
    return;
  }
  expect(unpadded(page.slice(begin, end)), `stale: ${RENEW}`).toBe(unpadded(expectationTable()));
});
