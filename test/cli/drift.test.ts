import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { driftCommand } from '../../src/cli/drift.ts';
import { EXIT } from '../../src/base/exit-codes.ts';
import { createRun } from '../../src/store/run-writer.ts';
import { histogramsOf, sampleInterval, sampleManifest } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

afterEach(() => {
  process.exitCode = undefined;
});

/** A run without a summary, as a kill leaves it: responses of 2 ms that grow by `growthUs` an interval. */
function storedRun(intervals: number, growthUs: number): string {
  const outDir = scratchDirectory();
  const writer = createRun(outDir, sampleManifest());
  for (let index = 0; index < intervals; index++) {
    const us = 2000 + growthUs * index + ((index * 7919) % 13) * 5;
    const interval = sampleInterval(index);
    writer.append(interval, histogramsOf({ response: [us, us + 10, us + 20] }));
  }
  writer.close();
  return outDir;
}

function drift(args: readonly string[]): string {
  const stdout = new PassThrough();
  driftCommand({ stdout, stderr: new PassThrough(), env: {} }).parse(args, { from: 'user' });
  return String(stdout.read() ?? '');
}

test('driftCommand tells the drift of a run, though it did not end', () => {
  const outDir = storedRun(120, 10);
  const page = drift(['latest', '--out', outDir]);
  expect(page).toContain('drift  4 findings (120 intervals from 00:00:00 to 00:02:00)');
  expect(page).toMatch(/^response p99 rises by 3[56](\.\d)?ms an hour \(.*\), since 00:00:00: /m);
  expect(page).toContain('quiet: throughput, errors, reconnects');
  expect(page).toContain(
    'not judged: service p50, service p99, dial p99, generator memory (it has no values)',
  );
  expect(process.exitCode).toBeUndefined();
});

test('driftCommand --json holds the findings with their words', () => {
  const outDir = storedRun(120, 10);
  const json: unknown = JSON.parse(drift(['latest', '--json', '--out', outDir]));
  expect(json).toMatchObject({ run: sampleManifest().id, tooShort: null });
  expect(json).toHaveProperty('findings.0.kind', 'trend');
  expect(json).toHaveProperty('findings.0.words', expect.stringContaining('response p50 rises by'));
});

test.each([
  { growthUs: 10, code: EXIT.thresholdFailed },
  { growthUs: 0, code: undefined },
])('driftCommand --fail-on-drift exits $code where responses grow by $growthUs', ({ growthUs, code }) => {
  drift(['latest', '--fail-on-drift', '--out', storedRun(120, growthUs)]);
  expect(process.exitCode).toBe(code);
});

test('driftCommand says that a run is too short', () => {
  expect(drift(['latest', '--out', storedRun(30, 10)])).toBe(
    'drift: too short to judge, at least 60 intervals are needed and this run has 30\n',
  );
});
