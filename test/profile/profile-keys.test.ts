import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../src/profile/flags.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from '../../src/profile/profile-keys.ts';
import type { ProfilePath } from '../../src/profile/profile-values.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/profiles.md', import.meta.url)), 'utf8');

interface Row {
  key: string;
  flag: string;
  fallback: string;
}

/** The rows of the page's key tables: those of four columns that begin with a key in code marks. */
function rows(): Row[] {
  return PAGE.split('\n').flatMap((line) => {
    const [key = '', flag = '', fallback = '', meaning = '', ...more] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const isKeyRow = /^`[\w.]+`$/.test(key) && meaning !== '' && more.length === 0;
    return isKeyRow
      ? [{ key: withoutMarks(key), flag: withoutMarks(flag), fallback: withoutMarks(fallback) }]
      : [];
  });
}

function withoutMarks(cell: string): string {
  return cell.replaceAll('`', '');
}

function expectedRow(path: ProfilePath): Row {
  const flag = FLAGS.find((candidate) => candidate.path === path);
  const short = flag === undefined || flag.short === null ? '' : `-${flag.short}, `;
  return {
    key: path,
    flag: flag === undefined ? '' : `${short}--${flag.name}`,
    fallback: PROFILE_KEYS[path].defaultText ?? 'unset',
  };
}

describe('PROFILE_KEYS', () => {
  it.each(PROFILE_PATHS)('has %s in docs/profiles.md, in one row with its flag and its default', (path) => {
    expect(rows().filter(({ key }) => key === path)).toEqual([expectedRow(path)]);
  });

  it('has every key that docs/profiles.md tells of', () => {
    const known: readonly string[] = PROFILE_PATHS;
    expect(
      rows()
        .map(({ key }) => key)
        .filter((key) => !known.includes(key)),
    ).toEqual([]);
  });
});
