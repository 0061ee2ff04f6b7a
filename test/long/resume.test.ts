import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { readIntervalLines, readRecordLines } from '../../src/store/interval-line.ts';
import { readRun } from '../../src/store/run-store.ts';
import { startTarget } from '../../src/target/target.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { expectRefusal, honestTarget, readDocument, saysOnStderr, start } from '../e2e/json-run.ts';

function onlyRun(out: string): string {
  const [id] = readdirSync(out);
  if (id === undefined) throw new Error(`No run in ${out}`);
  return join(out, id);
}

/** A run of 4 s that was killed after two of them. */
async function killedRun(...args: string[]): Promise<string> {
  const out = scratchDirectory();
  const running = start(['run', '-c', '4', '-R', '200/s', '-T', '4s', '--out', out, '--json', ...args]);
  await saysOnStderr(running, '2s of 4s');
  running.child.kill('SIGKILL');
  await running.ended;
  return out;
}

test('tidemark run --resume goes on for the time that is left, and leaves the gap out of its rates', async () => {
  const { address } = await honestTarget();
  const out = await killedRun(
    '--target',
    address,
    '--health-verdict',
    'report',
    '--threshold',
    'frames.lost == 0',
  );
  const before = [...readIntervalLines(join(onlyRun(out), 'intervals.jsonl'))];
  const resumed = await runTidemark(['run', '--resume', 'latest', '--out', out, '--json']);
  const summary = readDocument(resumed);
  expect(resumed.exitCode).toBe(0);
  expect(readdirSync(out)).toHaveLength(1);
  expect(readRun(onlyRun(out)).summary).toEqual(summary);

  const lines = [...readRecordLines(join(onlyRun(out), 'intervals.jsonl'))];
  const intervals = lines.flatMap((line) => ('interval' in line ? [line.interval] : []));
  expect(intervals.slice(0, before.length)).toEqual(before);
  expect(intervals.map(({ index }) => index)).toEqual(intervals.map((_, index) => index));
  const [gap, ...others] = summary.record.gaps;
  expect(others).toEqual([]);
  expect(gap).toMatchObject({ startSeconds: before.at(-1)?.endSeconds, connectionsOpen: 4 });
  expect(intervals[before.length]?.startSeconds).toBe(gap?.endSeconds);

  expect(summary.run.seconds).toBeGreaterThan(3.9);
  expect(summary.run.seconds).toBeLessThan(4.5);
  expect(summary.throughput.seconds).toBeCloseTo(4, 1);
  expect(summary.throughput.framesPerSecond).toBeGreaterThan(190);
  expect(summary.connections).toMatchObject({ opened: 8, openAtEnd: 0 });
  expect(summary.sessions['closed-by-plan']).toBe(4);
  const { sent, matched } = summary.frames;
  expect(sent - matched).toBe(gap?.framesInFlight);
  expect(summary.histograms.response.count).toBe(matched);
  expect(summary.verdict.thresholds).toMatchObject([{ ok: true, observed: 0 }]);
  expect(summary.notes.join()).toContain('the run had broken off and was resumed');
});

test('tidemark run --resume starts the built-in target again', async () => {
  const out = await killedRun();
  const resumed = await runTidemark(['run', '--resume', 'latest', '--out', out, '--json', '--quiet']);
  expect(readDocument(resumed).run.endedEarly).toBeNull();
});

test('tidemark run --resume refuses a run that has ended, another plan, and a target that is gone', async () => {
  const target = await startTarget();
  const { address } = target;
  const out = await killedRun('--target', address);
  const beside = await runTidemark(['run', '--resume', 'latest', '-c', '5', '--out', out]);
  expect(expectRefusal(beside)).toContain('current value has --connections beside --resume');
  await target.close();
  const gone = await runTidemark(['run', '--resume', 'latest', '--out', out]);
  expect(expectRefusal(gone)).toMatch(/Cannot resume the run: the target .* could not be reached/);
  const report = await runTidemark(['report', 'latest', '--out', out]);
  expect(report.stdout).toMatch(/^BROKE OFF/);

  const ended = scratchDirectory();
  await runTidemark(['run', '-T', '200ms', '--out', ended, '--quiet']);
  const again = await runTidemark(['run', '--resume', 'latest', '--out', ended]);
  expect(expectRefusal(again)).toMatch(
    /Cannot resume the run: .* has ended; start it anew with: tidemark run/,
  );
});

test('tidemark run --resume refuses a run that still goes on', async () => {
  const out = scratchDirectory();
  const running = start(['run', '-T', '60s', '--warmup', '100ms', '--out', out]);
  await saysOnStderr(running, '1 open');
  const refused = await runTidemark(['run', '--resume', 'latest', '--out', out]);
  expect(expectRefusal(refused)).toContain('still goes on');
  running.child.kill('SIGINT');
  await running.ended;
});
