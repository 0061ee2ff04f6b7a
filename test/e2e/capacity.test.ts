import { describe, expect, test } from 'vitest';

import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { allOf, expectRefusal } from './json-run.ts';

describe('tidemark capacity', () => {
  test('says 123 where nobody listens', async () => {
    const out = scratchDirectory();
    const args = ['--target', '127.0.0.1:1', '-c', '2', '--trial', '100ms', '--quiet', '--out', out];
    const { exitCode, stdout } = await runTidemark(['capacity', ...args]);
    expect(exitCode).toBe(123);
    expect(stdout).toContain('NOT REACHED');
  });

  test('refuses what it cannot search, before the first trial', async () => {
    const rows: [string[], string][] = [
      [['--plan', 'headroom=30%'], 'peak is missing'],
      [['mixed'], 'it has cohorts'],
      [['--of', 'connections', '--heartbeat', '1m'], 'do not come round within a trial'],
      [['--resume', 'nowhere', '-c', '3'], '--connections beside --resume'],
      [['--resume', 'nowhere'], 'it holds no question.json'],
      [['--from', 'nowhere'], 'there is no nowhere/capacity.json'],
    ];
    await allOf(
      rows.map(([args, words]) => async () => {
        expect(expectRefusal(await runTidemark(['capacity', ...args]))).toContain(words);
      }),
    );
  });
});
