import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readIntervalLines } from '../../src/store/interval-line.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { expectRefusal, readDocument, saysOnStderr, start } from './json-run.ts';

const LOAD = ['-c', '4', '-R', '200/s', '--warmup', '0s', '--json'];

describe.skipIf(process.platform !== 'linux')('tidemark run --watch-pid', () => {
  test("keeps what the target's process holds, an interval at a time and of the run", async () => {
    const target = start(['target', '--port', '0']);
    const address = (await target.firstLine).replace('listening on ', '');
    const out = scratchDirectory();
    const watch = ['--watch-pid', String(target.child.pid), '--out', out];
    const ended = await runTidemark(['run', '--target', address, '-T', '2s', ...LOAD, ...watch]);
    const { run, targetProcess } = readDocument(ended);
    expect(targetProcess).toMatchObject({ pid: target.child.pid, endedAtSeconds: null });
    expect(targetProcess?.residentBytes?.max).toBeGreaterThan(10e6);
    // Four connections, and what any process has.
    expect(targetProcess?.descriptors?.max).toBeGreaterThan(7);
    const lines = [...readIntervalLines(join(out, run.id, 'intervals.jsonl'))];
    const threads = lines.map(({ gauges }) => gauges.targetThreads);
    expect(Math.max(...threads.map((count) => count ?? 0))).toBe(targetProcess?.threads?.max);
    expect(lines.at(-1)?.gauges.targetCpus).toBe(targetProcess?.cpus?.last);
  });

  test('says when that process ends, and goes on', async () => {
    const target = start(['target', '--port', '0']);
    const address = (await target.firstLine).replace('listening on ', '');
    const other = start(['target', '--port', '0']);
    await other.firstLine;
    const watch = ['--watch-pid', String(other.child.pid), '--out', scratchDirectory()];
    const running = start(['run', '--target', address, '-T', '60s', ...LOAD, ...watch]);
    await saysOnStderr(running, '4 open');
    other.child.kill('SIGKILL');
    await other.ended;
    await saysOnStderr(running, '4 open');
    running.child.kill('SIGINT');
    const { targetProcess, frames } = readDocument(await running.ended);
    expect(targetProcess?.endedAtSeconds).toBeGreaterThan(0);
    expect(frames.matched).toBe(frames.sent);
  });

  test.each([
    ['no number', 'sshd', 'must be a process number above 0'],
    ['no process', '999999999', 'no process of this machine has that number'],
  ])('refuses %s with one sentence', async (_, pid, words) => {
    const ended = await runTidemark(['run', '-T', '1s', '--watch-pid', pid]);
    expect(expectRefusal(ended)).toContain(words);
  });
});
