import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { CapacityResult } from '../../src/analysis/capacity/capacity-result.ts';
import { honestTarget, saysOnStderr, start } from '../e2e/json-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';

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

  test('searches for held connections up to what was asked', async () => {
    const { address } = await honestTarget();
    const args = ['--of', 'connections', '--target', address, '--trial', '300ms', '--trials', '1'];
    const limits = ['--start', '10', '--max', '20', '--confirm', '1'];
    const out = scratchDirectory();
    const { exitCode, stdout } = await runTidemark(['capacity', ...args, ...limits, '--json', '--out', out]);
    const { bounds, trials } = JSON.parse(stdout) as CapacityResult;
    expect({ exitCode, lower: bounds.lower }).toEqual({ exitCode: 0, lower: 20 });
    for (const { held, load } of trials) {
      expect(held).toMatchObject({ planned: load, held: load, faults: [] });
      expect(held?.heartbeatsAnswered).toBeGreaterThanOrEqual(load);
    }
  }, 30_000);
});
