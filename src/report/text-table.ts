import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

/** A column of a table; figures stand right, words left. */
export interface Column {
  head: string;
  align: 'left' | 'right';
}

/** Columns are kept apart by space alone: a line less to read, and it pastes well. */
const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** The lines of a table, head first; no head line where every head is empty. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const heads = columns.map(({ head }) => head);
  const table = new Table({
    chars: NO_BORDERS,
    colAligns: columns.map(({ align }) => align),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  if (heads.some((head) => head !== '')) table.push(heads);
  for (const row of rows) table.push([...row]);
  return rows.length === 0 && table.length === 0
    ? []
    : table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd());
}

/** Names with their values, the values right-aligned. */
export function pairLines(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const columns: Column[] = [
    { head: '', align: 'left' },
    { head: '', align: 'right' },
  ];
  return tableLines(columns, pairs);
}

/** Columns between two blocks. */
const GAP_COLUMNS = 4;

/** Blocks of lines beside one another as far as `width` goes, then the next below. */
export function besideLines(blocks: readonly (readonly string[])[], width: number): string[] {
  const lines: string[] = [];
  for (const band of bandsOf(blocks, width)) {
    if (lines.length > 0) lines.push('');
    lines.push(...joinBand(band));
  }
  return lines;
}

function bandsOf(blocks: readonly (readonly string[])[], width: number): (readonly string[])[][] {
  const bands: (readonly string[])[][] = [];
  let used = Infinity;
  for (const block of blocks) {
    used += GAP_COLUMNS + widthOf(block);
    if (used > width) {
      bands.push([]);
      used = widthOf(block);
    }
    bands.at(-1)?.push(block);
  }
  return bands;
}

function joinBand(band: readonly (readonly string[])[]): string[] {
  const height = Math.max(...band.map((block) => block.length));
  return Array.from({ length: height }, (_, row) =>
    band
      .map((block) => padded(block[row] ?? '', widthOf(block) + GAP_COLUMNS))
      .join('')
      .trimEnd(),
  );
}

/**
 * A line that is longer than `width`, broken between words: terminals would break it within them.
 * @param indent before all but the first of its parts
 */
export function wrapLine(line: string, width: number, indent: string = '  '): string[] {
  if (columnsOf(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<= )(?=[^ ])/)) {
    if (columnsOf(`${current}${word}`.trimEnd()) > width && current.trim() !== '') {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += word;
  }
  return [...lines, current.trimEnd()];
}

/** Colours take characters but no columns. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

function widthOf(block: readonly string[]): number {
  return Math.max(0, ...block.map(columnsOf));
}

function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
