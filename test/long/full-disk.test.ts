import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';

import { readHistogramLog } from '../../src/store/histogram-log.ts';
import { readIntervalLines, readRecordLines } from '../../src/store/interval-line.ts';
import type { Summary } from '../../src/store/summary.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { honestTarget, readDocument, saysOnStderr, start } from '../e2e/json-run.ts';

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

test('a disk that has room again has the rest of the run, and a gap for what it refused', async (context) => {
  const disk = smallDisk();
  if (disk === null) {
    context.skip('this user may not mount a file system');
    return;
  }
  const { address } = await honestTarget();
  const load = ['--target', address, '-c', '50', '-T', '60s', '--warmup', '100ms'];
  const running = start(['run', ...load, '--out', disk, '--quiet', '--json']);
  await saysOnStderr(running, '; the run goes on');
  spawnSync('/bin/mount', ['-o', 'remount,size=4m', disk]);
  await saysOnStderr(running, 'intervals are stored again');
  const [id = ''] = readdirSync(disk);
  const log = join(disk, id, 'intervals.jsonl');
  const known = [...readIntervalLines(log)].length;
  await vi.waitUntil(() => [...readIntervalLines(log)].length > known + 2, {
    timeout: 10_000,
    interval: 200,
  });
  const report = await runTidemark(['report', id, '--out', disk, '--json']);
  const soFar = JSON.parse(report.stdout) as Summary;
  expect(soFar.run.brokeOff?.stillOn).toBe(true);
  running.child.kill('SIGINT');
  const ended = await running.ended;
  const summary = readDocument(ended);
  expect(summary.record.stopped).toBeNull();
  const [gap, ...more] = summary.record.gaps;
  expect(more).toEqual([]);
  expect(gap).toMatchObject({ unstored: true, why: expect.stringContaining('ENOSPC') });
  const [startSeconds, endSeconds] = [gap?.startSeconds ?? 0, gap?.endSeconds ?? 0];
  expect(endSeconds - startSeconds).toBeGreaterThan(9);

  // What is stored leaves out the gap and nothing else; the totals have all of it.
  const lines = [...readRecordLines(log)];
  const intervals = lines.flatMap((line) => ('interval' in line ? [line.interval] : []));
  const stored = intervals.reduce((sum, { counters }) => sum + (counters.framesMatched ?? 0), 0);
  const seconds = intervals.reduce((sum, interval) => sum + interval.endSeconds - interval.startSeconds, 0);
  expect(seconds).toBeCloseTo(summary.run.seconds - (endSeconds - startSeconds), 1);
  expect(stored).toBeLessThan(summary.frames.matched);
  expect(soFar.frames.matched).toBeGreaterThan(stored / 2);
  let values = 0;
  for (const interval of readHistogramLog(join(disk, id, 'latency.hlog'))) {
    expect(interval.startSeconds < startSeconds - 0.01 || interval.startSeconds > endSeconds - 0.01).toBe(
      true,
    );
    if (interval.tag === 'response') values += interval.histogram().count;
  }
  const responses = intervals.reduce((sum, { histograms }) => sum + (histograms.response?.count ?? 0), 0);
  expect(values).toBe(responses);
});
