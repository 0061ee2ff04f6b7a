import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkJunitFile, writeJunitFile } from '../../src/cli/junit-file.ts';
import { sampleSummary } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test('checkJunitFile leaves no file behind, and one that is there as it is', () => {
  const path = join(scratchDirectory(), 'junit.xml');
  checkJunitFile(path);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, 'before');
  checkJunitFile(path);
  expect(readFileSync(path, 'utf8')).toBe('before');
  writeJunitFile(path, sampleSummary());
  expect(readFileSync(path, 'utf8')).toMatch(/^<\?xml /);
});

test('checkJunitFile and writeJunitFile refuse what cannot be written', () => {
  const directory = scratchDirectory();
  const message =
    /^Cannot write the JUnit file ".*" \(--junit\): E\w+ from open; name a file in a directory that exists/;
  for (const path of [directory, join(directory, 'none', 'junit.xml'), '']) {
    expect(() => checkJunitFile(path)).toThrow(message);
    expect(() => writeJunitFile(path, sampleSummary())).toThrow(message);
  }
  const path = join(directory, 'read-only.xml');
  writeFileSync(path, '');
  chmodSync(path, 0o400);
  if (process.getuid?.() !== 0) expect(() => checkJunitFile(path)).toThrow(message);
});
