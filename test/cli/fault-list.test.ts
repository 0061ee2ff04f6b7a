import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { faultList, faultSummary, faultTable, TARGET_EXAMPLES } from '../../src/cli/fault-list.ts';
import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { FAULT_CATALOGUE, FAULT_NAMES } from '../../src/target/fault/catalogue.ts';

/** The cells of every table row, without the padding that a formatter chooses. */
function rows(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/ +/g, ' ').replace(/-{3,}/g, '---'));
}

test('faultTable is the table of docs/faults.md', () => {
  const page = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8');
  expect(rows(page)).toEqual(rows(faultTable()));
  expect(rows(page)).toHaveLength(FAULT_NAMES.length + 2);
});

test('faultList says of every fault what it does, what to report and what it needs, in the width it is given', () => {
  const list = faultList(60);
  for (const name of FAULT_NAMES) {
    const { syntax, effect, report } = FAULT_CATALOGUE[name];
    const words = list.replace(/\s+/g, ' ');
    expect(words).toContain(syntax);
    expect(words).toContain(`does: ${effect}`);
    expect(words).toContain(`report: ${report}`);
  }
  expect(list).toContain('needs: Linux with the optional package koffi');
  const tooLong = list.split('\n').filter((line) => line.startsWith(' ') && line.length > 60);
  expect(tooLong).toEqual([]);
});

test('faultSummary names the form of every fault, with an example', () => {
  const lines = faultSummary().split('\n');
  for (const name of FAULT_NAMES) {
    const { syntax, example } = FAULT_CATALOGUE[name];
    expect(lines.some((line) => line.startsWith(`  ${syntax} `) && line.endsWith(` ${example}`))).toBe(true);
  }
});

test('TARGET_EXAMPLES lay faults that there are', () => {
  const forms = [...TARGET_EXAMPLES.matchAll(/--fault '?([^' \n]+)/g)].map(([, form]) => form ?? '');
  expect(forms).toHaveLength(3);
  for (const form of forms) expect(() => parseFault(form)).not.toThrow();
});
