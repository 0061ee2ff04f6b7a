import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { readIntervalLines } from '../../src/store/interval-line.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { honestTarget, readDocument } from '../e2e/json-run.ts';

/** A file system of 64 KiB until the test ends; null where this user may not mount one. */
function smallDisk(): string | null {
  const path = scratchDirectory();
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tidemark-test', path]);
  if (mounted.status !== 0) return null;
  onTestFinished(() => {
    spawnSync('/bin/umount', [path]);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

test('a full disk ends the record of a run and not the run, and report reads what was stored', async (context) => {
  const disk = smallDisk();
  if (disk === null) {
    context.skip('this user may not mount a file system');
    return;
  }
  const { address } = await honestTarget();
  // The times of many connections fill the disk within seconds.
  const load = ['--target', address, '-c', '50', '-T', '15s', '--warmup', '100ms'];
  const ended = await runTidemark(['run', ...load, '--out', disk, '--quiet', '--json']);
  expect(ended.exitCode).toBe(0);
  const summary = readDocument(ended);
  expect(summary.run.endedEarly).toBeNull();
  expect(summary.run.seconds).toBeGreaterThan(14);
  expect(summary.record.stopped?.why).toContain('ENOSPC');
  expect(ended.stderr.match(/ is stored: Cannot write .*ENOSPC.*; the run goes on/g)).toHaveLength(1);

  const [id = ''] = readdirSync(disk);
  const lines = [...readIntervalLines(join(disk, id, 'intervals.jsonl'))];
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.at(-1)?.endSeconds).toBeLessThanOrEqual(summary.record.stopped?.atSeconds ?? 0);
  const report = await runTidemark(['report', id, '--out', disk]);
  expect(report.exitCode).toBe(0);
});
