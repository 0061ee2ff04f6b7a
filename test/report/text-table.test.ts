import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createPaint } from '../../src/report/paint.ts';
import { besideLines, pairLines, tableLines, wrapLine } from '../../src/report/text-table.ts';

test('tableLines aligns words left and figures right, without space at the ends of lines', () => {
  const lines = tableLines(
    [
      { head: 'name', align: 'left' },
      { head: 'count', align: 'right' },
    ],
    [
      ['a', '1'],
      ['long name', '1,000,000'],
    ],
  );
  expect(lines).toEqual(['name           count', 'a                  1', 'long name  1,000,000']);
});

test('pairLines has no head line, and none at all without pairs', () => {
  expect(
    pairLines([
      ['sent', '10'],
      ['lost', '0'],
    ]),
  ).toEqual(['sent  10', 'lost   0']);
  expect(pairLines([])).toEqual([]);
});

test('besideLines puts blocks beside one another as far as the width goes', () => {
  const blocks = [['aaaa', 'a'], ['bb'], ['cccc', 'c', 'c']];
  expect(besideLines(blocks, 18)).toEqual(['aaaa    bb    cccc', 'a             c', '              c']);
  expect(besideLines(blocks, 17)).toEqual(['aaaa    bb', 'a', '', 'cccc', 'c', 'c']);
  expect(besideLines(blocks, 1)).toEqual(['aaaa', 'a', '', 'bb', '', 'cccc', 'c', 'c']);
});

test('besideLines lays coloured blocks out as plain ones', () => {
  const paint = createPaint(true);
  const plain = [['head', 'x'], ['other']];
  const colored = plain.map((lines) => lines.map(paint.red));
  expect(besideLines(colored, 13).map(stripVTControlCharacters)).toEqual(besideLines(plain, 13));
});

test('wrapLine breaks a longer line between its words, and no other', () => {
  const line = 'stall: a worker stood still';
  expect(wrapLine(line, 27)).toEqual([line]);
  expect(wrapLine(line, 26)).toEqual(['stall: a worker stood', '  still']);
  expect(wrapLine(line, 12)).toEqual(['stall: a', '  worker', '  stood', '  still']);
  expect(wrapLine('/a/path/without/a/space', 10)).toEqual(['/a/path/without/a/space']);
});

test('wrapLine counts no columns for colours', () => {
  const red = createPaint(true).red('because of it');
  expect(wrapLine(red, 13)).toEqual([red]);
  expect(wrapLine(red, 10).map(stripVTControlCharacters)).toEqual(['because of', '  it']);
});
