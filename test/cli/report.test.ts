import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { renderReport } from '../../src/report/terminal-report.ts';
import { createRun } from '../../src/store/run-writer.ts';
import { sampleManifest, sampleSummary } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

interface Captured {
  io: Io;
  stdout: () => string;
  stderr: () => string;
}

function capture(env: Io['env'] = {}, terminal: { isTTY?: boolean; columns?: number } = {}): Captured {
  const stdout = Object.assign(new PassThrough(), terminal);
  const stderr = new PassThrough();
  return {
    io: { stdout, stderr, env },
    stdout: () => String(stdout.read() ?? ''),
    stderr: () => String(stderr.read() ?? ''),
  };
}

function storedRun(): { outDir: string; directory: string } {
  const outDir = scratchDirectory();
  const writer = createRun(outDir, sampleManifest());
  writer.finish(sampleSummary());
  return { outDir, directory: writer.directory };
}

test('reportCommand prints the page of a run found by prefix, path or latest', async () => {
  const { outDir, directory } = storedRun();
  const page = renderReport(sampleSummary(), { color: false, width: 100, directory });
  for (const reference of ['2026-11', 'latest', basename(directory), directory]) {
    const { io, stdout, stderr } = capture();
    await reportCommand(io).parseAsync([reference, '--out', outDir], { from: 'user' });
    expect(stdout()).toBe(page);
    expect(stderr()).toBe('');
  }
});

test('reportCommand --json prints the stored summary and nothing else', async () => {
  const { outDir } = storedRun();
  const { io, stdout } = capture({ TIDEMARK_OUT: outDir });
  await reportCommand(io).parseAsync(['latest', '--json'], { from: 'user' });
  expect(JSON.parse(stdout())).toEqual(sampleSummary());
});

test.each([
  { env: {}, isTTY: true, colored: true, because: 'it is a terminal' },
  { env: {}, isTTY: false, colored: false, because: 'it is a pipe' },
  { env: { NO_COLOR: '1' }, isTTY: true, colored: false, because: 'NO_COLOR is set' },
  { env: { NO_COLOR: '' }, isTTY: true, colored: true, because: 'NO_COLOR is empty' },
  { env: { TERM: 'dumb' }, isTTY: true, colored: false, because: 'the terminal is dumb' },
])('reportCommand uses colour: $colored, because $because', async ({ env, isTTY, colored }) => {
  const { outDir } = storedRun();
  const { io, stdout } = capture(env, { isTTY, columns: 80 });
  await reportCommand(io).parseAsync(['latest', '--out', outDir], { from: 'user' });
  expect(stdout().includes('\u001B[')).toBe(colored);
});

test('reportCommand tells what a run that did not end had come to, and that it broke off', async () => {
  const { outDir, directory } = storedRun();
  rmSync(join(directory, 'summary.json'));
  const { io, stdout } = capture();
  await reportCommand(io).parseAsync(['latest', '--out', outDir], { from: 'user' });
  expect(stdout()).toMatch(/^BROKE OFF {2}smoke against /);
});

test('reportCommand of something that is no run throws an operating error and prints nothing', async () => {
  const { io, stdout } = capture();
  await expect(reportCommand(io).parseAsync(['./nothing'], { from: 'user' })).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_STORE', exitCode: 104 }),
  );
  expect(stdout()).toBe('');
});

test('runsCommand lists runs, as a table and as JSON', () => {
  const { outDir, directory } = storedRun();
  const table = capture();
  runsCommand(table.io).parse(['--out', outDir], { from: 'user' });
  expect(table.stdout()).toContain(`${basename(directory)}  passed  `);
  const json = capture();
  runsCommand(json.io).parse(['--out', outDir, '--json'], { from: 'user' });
  expect(JSON.parse(json.stdout())).toMatchObject([{ id: basename(directory), state: 'finished', ok: true }]);
});

test('runsCommand without runs says so on stderr, and prints an empty list as JSON', () => {
  const outDir = join(scratchDirectory(), 'none');
  const { io, stdout, stderr } = capture();
  runsCommand(io).parse(['--out', outDir], { from: 'user' });
  expect(stdout()).toBe('');
  expect(stderr()).toBe(`No runs in ${outDir}: there is no such directory\n`);
  runsCommand(io).parse(['--out', outDir, '--json'], { from: 'user' });
  expect(JSON.parse(stdout())).toEqual([]);
});
