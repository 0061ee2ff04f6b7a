import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textLines } from '../../src/store/text-lines.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test('textLines numbers lines and tells a last one without line feed', () => {
  const path = join(scratchDirectory(), 'lines');
  writeFileSync(path, 'one\n\nthree');
  expect([...textLines(path)]).toEqual([
    { text: 'one', number: 1, whole: true },
    { text: '', number: 2, whole: true },
    { text: 'three', number: 3, whole: false },
  ]);
});

test('textLines gives the lines of any text, longer than its chunks and with wide characters', () => {
  const path = join(scratchDirectory(), 'lines');
  const line = fc
    .tuple(fc.constantFrom('a', 'ü', '€', '𝄞'), fc.integer({ min: 0, max: 70_000 }))
    .map(([character, count]) => character.repeat(count));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      writeFileSync(path, lines.map((text) => `${text}\n`).join(''));
      expect([...textLines(path)].map(({ text }) => text)).toEqual(lines);
    }),
    { numRuns: 20 },
  );
});

test('textLines of a missing file is an operating error', () => {
  expect(() => [...textLines('/nowhere/at/all')]).toThrow(
    expect.objectContaining({ code: 'ERR_STORE', message: 'Cannot read /nowhere/at/all: ENOENT from open' }),
  );
});
