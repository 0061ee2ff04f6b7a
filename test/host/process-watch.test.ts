import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';

import { ProcessWatch, type ProcessSource } from '../../src/host/process-watch.ts';

const STAT = '42 (my (odd) server) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 7 0 9000 1000000 500';
const STATUS = 'Name:\tmy\nVmRSS:\t    2048 kB\nThreads:\t7\n';

function sourceOf(files: Record<string, string>, entries: number | null = 12): ProcessSource {
  return { readText: (path) => files[path] ?? '', entries: () => entries };
}

describe('ProcessWatch', () => {
  test('reads what a process holds, and its processor time from reading to reading', () => {
    const files = { '/proc/42/stat': STAT, '/proc/42/status': STATUS };
    const watch = new ProcessWatch(42, sourceOf(files));
    expect(watch.name).toBe('my (odd) server');
    const first = { residentBytes: 2_097_152, threads: 7, descriptors: 12, cpus: null };
    expect(watch.read(1_000_000)).toEqual(first);
    files['/proc/42/stat'] = STAT.replace('150 50', '200 75');
    expect(watch.read(2_000_000)).toEqual({ ...first, cpus: 0.75 });
  });

  test('knows no descriptors where it may not look', () => {
    const files = { '/proc/42/stat': STAT, '/proc/42/status': STATUS };
    expect(new ProcessWatch(42, sourceOf(files, null)).read(1)?.descriptors).toBeNull();
  });

  test.each([
    ['is gone', { '/proc/42/stat': '', '/proc/42/status': '' }],
    ['gave its number to another', { '/proc/42/stat': STAT.replace('9000', '9001') }],
    ['waits for its parent', { '/proc/42/status': 'Name:\tmy\nState:\tZ\n' }],
  ])('has ended when it %s', (_, later) => {
    const files: Record<string, string> = { '/proc/42/stat': STAT, '/proc/42/status': STATUS };
    const watch = new ProcessWatch(42, sourceOf(files));
    expect(watch.ended).toBe(false);
    Object.assign(files, later);
    expect([watch.read(1), watch.ended]).toEqual([null, true]);
  });

  test.each([
    [
      'there is no such process',
      { '/proc/self/stat': '1 (a) S' },
      'no process of this machine has that number',
    ],
    ['the system has no /proc', {}, 'only Linux shows what a process holds'],
  ])('refuses when %s', (_, files, words) => {
    expect(() => new ProcessWatch(42, sourceOf(files))).toThrow(words);
  });

  test.skipIf(process.platform !== 'linux')('sees a real process grow and end', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const watch = new ProcessWatch(child.pid ?? 0);
    const reading = watch.read(1);
    expect(reading?.residentBytes).toBeGreaterThan(1_000_000);
    expect(reading?.descriptors).toBeGreaterThan(2);
    child.stdin.end();
    await once(child, 'exit');
    expect([watch.read(2), watch.ended]).toEqual([null, true]);
  });
});
