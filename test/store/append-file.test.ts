import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppendFile } from '../../src/store/append-file.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test('AppendFile.append adds to the end and survives closing twice', () => {
  const path = join(scratchDirectory(), 'log');
  const file = AppendFile.create(path);
  file.append('one\n');
  file.append('zwölf\n');
  file.close();
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\nzwölf\n');
});

test('AppendFile refuses a file that exists', () => {
  const path = join(scratchDirectory(), 'log');
  writeFileSync(path, 'kept');
  expect(() => AppendFile.create(path)).toThrow(
    expect.objectContaining({ code: 'ERR_STORE', message: `Cannot create ${path}: EEXIST from open` }),
  );
  expect(readFileSync(path, 'utf8')).toBe('kept');
});

/** Node would be killed by the signal that comes with the limit unless it listens for it. */
const APPENDS_BEYOND_ITS_LIMIT = `
  process.on('SIGXFSZ', () => {});
  const { AppendFile } = await import(process.argv[1]);
  const file = AppendFile.create(process.argv[2]);
  file.append('a'.repeat(600));
  try {
    file.append('b'.repeat(600));
  } catch (error) {
    console.log(error.code, error.message);
  }
  file.append('c'.repeat(100));
`;

test('AppendFile.append takes back what a full disk took of a text, and names path and errno', () => {
  const path = join(scratchDirectory(), 'log');
  const built = new URL('../../dist/store/append-file.js', import.meta.url).href;
  const node = [process.execPath, '--input-type=module', '--eval', APPENDS_BEYOND_ITS_LIMIT, built, path];
  const { stdout, stderr } = spawnSync('bash', ['-c', 'ulimit -f 1 && exec "$@"', 'bash', ...node], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toBe(`ERR_STORE Cannot write ${path}: EFBIG from write\n`);
  expect(readFileSync(path, 'utf8')).toBe('a'.repeat(600) + 'c'.repeat(100));
});
