import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { CapacityResult } from '../../src/analysis/capacity/capacity-result.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { allOf, expectRefusal, honestTarget, saysOnStderr, start } from './json-run.ts';

describe('tidemark capacity', () => {
  test('stops at --max where the target carries it, keeps what it did, and plans from that', async () => {
    const { address } = await honestTarget();
    const out = scratchDirectory();
    const args = ['--target', address, '-c', '4', '--trial', '200ms', '--warmup', '50ms', '--confirm', '1'];
    const limits = ['--start', '200/s', '--max', '400/s', '--loss', '50%', '--trials', '1'];
    const found = await runTidemark(['capacity', ...args, ...limits, '--json', '--out', out]);
    const result = JSON.parse(found.stdout) as CapacityResult;
    expect({ exitCode: found.exitCode, ...result.bounds }).toEqual({
      exitCode: 0,
      lower: 400,
      upper: null,
      upperBy: null,
    });
    expect(result.trials.map(({ load, purpose }) => [load, purpose])).toEqual([
      [200, 'warmup'],
      [200, 'search'],
      [400, 'search'],
      [400, 'confirm'],
    ]);
    const [id = ''] = readdirSync(out);
    const stored = readFileSync(join(out, id, 'capacity.json'), 'utf8');
    expect(stored).toBe(found.stdout);
    const planned = await runTidemark([
      'capacity',
      '--from',
      join(out, id),
      '--plan',
      'peak=2k/s headroom=0%',
    ]);
    expect(planned.stdout).toContain('plan  5 servers for 2000 frames/s');
    expect(planned.stdout).toContain('CARRIES AT LEAST 400 frames/s');
    const run = join(out, id, result.trials[1]?.run ?? '');
    expect((await runTidemark(['report', run])).stdout).toContain('capacity, 200 a second');
  }, 20_000);

  test('is interrupted with what it found so far, and goes on from there', async () => {
    const { address } = await honestTarget();
    const out = scratchDirectory();
    const args = ['--target', address, '-c', '4', '--trial', '300ms', '--warmup', '50ms', '--loss', '50%'];
    const running = start([
      'capacity',
      ...args,
      '--start',
      '200/s',
      '--max',
      '200/s',
      '--confirm',
      '1',
      '--out',
      out,
    ]);
    await saysOnStderr(running, 'trial 2');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exitCode).toBe(105);
    expect(ended.stdout).toContain('interrupted');
    const [id = ''] = readdirSync(out);
    const resumed = await runTidemark(['capacity', '--resume', join(out, id), '--json']);
    const result = JSON.parse(resumed.stdout) as CapacityResult;
    expect({ exitCode: resumed.exitCode, lower: result.bounds.lower }).toEqual({ exitCode: 0, lower: 200 });
    expect(result.trials.map(({ number }) => number)).toEqual(result.trials.map((_, index) => index + 1));
  }, 20_000);

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
