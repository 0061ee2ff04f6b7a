import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OperatingError } from '../../src/base/errors.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { listRuns, readRun, resolveRun } from '../../src/store/run-store.ts';
import { createRun } from '../../src/store/run-writer.ts';
import { histogramsOf, sampleInterval, sampleManifest, sampleSummary } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

function storeRun(outDir: string, id: string = sampleManifest().id): string {
  const writer = createRun(outDir, sampleManifest({ id }));
  writer.append(sampleInterval(0), histogramsOf({ response: [1, 3], dial: [9] }));
  writer.append(sampleInterval(1), histogramsOf({}));
  writer.finish(sampleSummary());
  return writer.directory;
}

function errorOf(work: () => unknown): OperatingError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(OperatingError);
    return error as OperatingError;
  }
  throw new Error('nothing was thrown');
}

test('readRun gives what a RunWriter stored', () => {
  const directory = storeRun(scratchDirectory());
  const run = readRun(directory);
  expect(run.manifest).toEqual(sampleManifest());
  expect(run.summary).toEqual(sampleSummary());
  const [first, second] = run.intervals();
  expect(first).toMatchObject({ ...sampleInterval(0), histograms: { response: { count: 2, max: 3 } } });
  expect(Object.keys(first?.histograms ?? {})).toEqual(['dial', 'response']);
  expect(second?.histograms).toEqual({});
  const logged = [...run.histogramLog()].map((interval) => [interval.tag, interval.histogram().count]);
  expect(logged).toEqual([
    ['dial', 1],
    ['response', 2],
  ]);
});

test('createRun stores a profile.yaml that loads back to the profile of the run', () => {
  const directory = storeRun(scratchDirectory());
  const { profile } = readRun(directory).manifest;
  const text = readFileSync(join(directory, 'profile.yaml'), 'utf8');
  expect(loadProfile({ name: 'again', text, file: null }, {}, {}, [])).toEqual(profile);
});

test('RunWriter.finish leaves the five files of a run and nothing else', () => {
  const directory = storeRun(scratchDirectory());
  expect(readdirSync(directory).toSorted()).toEqual([
    'intervals.jsonl',
    'latency.hlog',
    'profile.yaml',
    'run.json',
    'summary.json',
  ]);
});

test('createRun writes the manifest before anything is appended', () => {
  const outDir = join(scratchDirectory(), 'not', 'there', 'yet');
  const writer = createRun(outDir, sampleManifest());
  expect(JSON.parse(readFileSync(join(writer.directory, 'run.json'), 'utf8'))).toEqual(sampleManifest());
  writer.close();
});

test('RunWriter.append is on disk when it returns, so that a kill loses no interval before', () => {
  const writer = createRun(scratchDirectory(), sampleManifest());
  writer.append(sampleInterval(0), histogramsOf({ response: [5] }));
  expect(readFileSync(join(writer.directory, 'intervals.jsonl'), 'utf8')).toMatch(/^\{.*\}\n$/);
  expect(readFileSync(join(writer.directory, 'latency.hlog'), 'utf8')).toMatch(/\nTag=response,.*\n$/);
  writer.close();
});

test('createRun refuses an id that is taken', () => {
  const outDir = scratchDirectory();
  storeRun(outDir);
  const error = errorOf(() => createRun(outDir, sampleManifest()));
  expect(error.code).toBe('ERR_STORE');
  expect(error.message).toContain('EEXIST from mkdir');
});

test('createRun names path and errno of a directory that cannot be made', () => {
  const file = join(scratchDirectory(), 'file');
  writeFileSync(file, '');
  const error = errorOf(() => createRun(join(file, 'runs'), sampleManifest()));
  expect(error).toMatchObject({ code: 'ERR_STORE', exitCode: 104 });
  expect(error.message).toBe(`Cannot create the directory for runs ${file}/runs: ENOTDIR from mkdir`);
});

test.each([
  {
    state: 'there is no directory',
    prepare: (directory: string) => rmSync(directory, { recursive: true }),
    message: /^Cannot read run .*: there is no such directory$/,
  },
  {
    state: 'it holds no run',
    prepare: (directory: string) => rmSync(join(directory, 'run.json')),
    message: /^Cannot read run .*: a run is a directory with run\.json in it$/,
  },
  {
    state: 'the run did not end',
    prepare: (directory: string) => rmSync(join(directory, 'summary.json')),
    message:
      /^Cannot report run .*: it has no summary\.json.* Its 2 intervals are kept in .*intervals\.jsonl$/,
  },
  {
    state: 'the summary is cut short',
    prepare: (directory: string) => truncate(join(directory, 'summary.json')),
    message: /^Cannot read .*summary\.json: it must be JSON, but it is damaged or cut short/,
  },
  {
    state: 'the manifest is cut short',
    prepare: (directory: string) => truncate(join(directory, 'run.json')),
    message: /^Cannot read .*run\.json: it must be JSON, but it is damaged or cut short/,
  },
  {
    state: 'the summary lacks its keys',
    prepare: (directory: string) => writeFileSync(join(directory, 'summary.json'), '{"version":1}'),
    message: /^Cannot read .*summary\.json: tool: invalid input.*; and \d+ more$/,
  },
  {
    state: 'the summary is of a later version',
    prepare: (directory: string) =>
      writeFileSync(join(directory, 'summary.json'), JSON.stringify({ ...sampleSummary(), version: 2 })),
    message: /^Cannot read .*summary\.json: version: invalid input: expected 1$/,
  },
  {
    state: 'a histogram is no histogram',
    prepare: (directory: string) => {
      const summary = { ...sampleSummary(), histograms: { ...sampleSummary().histograms, response: 5 } };
      writeFileSync(join(directory, 'summary.json'), JSON.stringify(summary));
    },
    message: /^Cannot read .*summary\.json: histograms\.response: invalid input: expected object/,
  },
])('readRun answers in one paragraph when $state', ({ prepare, message }) => {
  const directory = storeRun(scratchDirectory());
  prepare(directory);
  const error = errorOf(() => readRun(directory));
  expect(error).toMatchObject({ code: 'ERR_STORE', exitCode: 104 });
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
});

test('readRun takes keys and outcomes of a later version along', () => {
  const directory = storeRun(scratchDirectory());
  const summary = { ...sampleSummary(), sessions: { 'closed-by-whim': 3 }, tide: { high: true } };
  writeFileSync(join(directory, 'summary.json'), JSON.stringify(summary));
  expect(readRun(directory).summary).toEqual(summary);
});

test('listRuns puts the latest first and tells unfinished and damaged runs', () => {
  const outDir = scratchDirectory();
  storeRun(outDir, '2026-11-23T17-10-00Z-a-0001');
  const later = { id: '2026-11-23T17-10-00Z-b-0000', startedAt: '2026-11-23T17:10:00.500Z' };
  createRun(outDir, sampleManifest(later)).close();
  const damaged = storeRun(outDir, '2026-01-01T00-00-00Z-c-0003');
  truncate(join(damaged, 'run.json'));
  mkdirSync(join(outDir, 'no-run'));
  writeFileSync(join(outDir, 'no-directory'), '');
  const runs = listRuns(outDir);
  expect(runs.map(({ id, state }) => [id.split('-').at(-2), state])).toEqual([
    ['b', 'unfinished'],
    ['a', 'finished'],
    ['c', 'damaged'],
  ]);
  expect(runs[1]?.summary).toEqual(sampleSummary());
  expect(runs[2]?.fault).toContain('run.json: it must be JSON');
});

test('listRuns of a directory that does not exist is empty; of a file it is an error', () => {
  const outDir = scratchDirectory();
  expect(listRuns(join(outDir, 'none'))).toEqual([]);
  writeFileSync(join(outDir, 'file'), '');
  expect(errorOf(() => listRuns(join(outDir, 'file'))).message).toContain('ENOTDIR');
});

test('resolveRun finds a run by id, unique prefix, path and latest', () => {
  const outDir = scratchDirectory();
  const first = storeRun(outDir, '2026-11-23T17-10-00Z-a-0001');
  const second = storeRun(outDir, '2026-11-23T17-10-00Z-a-0001x');
  const other = storeRun(outDir, '2025-11-23T17-10-00Z-b-0002');
  expect(resolveRun(outDir, '2026-11-23T17-10-00Z-a-0001')).toBe(first);
  expect(resolveRun(outDir, '2026-11-23T17-10-00Z-a-0001x')).toBe(second);
  expect(resolveRun(outDir, '2025')).toBe(other);
  expect(resolveRun('elsewhere', other)).toBe(other);
  expect(resolveRun(outDir, 'latest')).toBe(second);
});

test.each([
  { reference: '2026', message: /fit one run only, and it fits 6: .*, .*, .*, .*, .* and 1 more$/ },
  {
    reference: '2031',
    message: /^Cannot find run '2031': it must be .* holds 6 that 'tidemark runs' lists$/,
  },
  { reference: '', message: /^Cannot find run ''/ },
])('resolveRun says what is wrong with "$reference"', ({ reference, message }) => {
  const outDir = scratchDirectory();
  for (let i = 0; i < 6; i++) storeRun(outDir, `2026-11-23T17-10-0${i}Z-a-0001`);
  expect(errorOf(() => resolveRun(outDir, reference)).message).toMatch(message);
});

test('resolveRun of latest says that there are no runs', () => {
  const outDir = scratchDirectory();
  expect(errorOf(() => resolveRun(outDir, 'latest')).message).toContain(`${outDir} holds no runs`);
});

function truncate(path: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 100));
}
