import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { readIntervalLines } from '../../src/store/interval-line.ts';
import type { Summary } from '../../src/store/summary.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, startTidemark } from '../support/tidemark.ts';
import { honestTarget } from '../e2e/json-run.ts';

const KILLS = 30;
const TOGETHER = 5;

test('a soak that is killed at 30 random moments leaves every interval that had ended', async () => {
  const { address } = await honestTarget();
  const random = new Random(20_261_124);
  const moments = Array.from({ length: KILLS }, () => 500 + random.below(4000));
  for (let at = 0; at < KILLS; at += TOGETHER) {
    await Promise.all(moments.slice(at, at + TOGETHER).map((ms) => expectWholeAfter(address, ms)));
  }
});

async function expectWholeAfter(address: string, ms: number): Promise<void> {
  const out = scratchDirectory();
  const load = ['--target', address, '-c', '10', '-R', '200/s', '-T', '100s'];
  const running = startTidemark(['run', ...load, '--out', out]);
  await setTimeout(ms);
  running.child.kill('SIGKILL');
  const { stderr } = await running.ended;
  const told = stderr.split('\n').filter((line) => / of 1m40s.* frames\/s/.test(line)).length;
  const id = readdirSync(out).find((name) => existsSync(join(out, name, 'run.json')));
  if (id === undefined) {
    expect(told).toBe(0);
    return;
  }
  const lines = [...readIntervalLines(join(out, id, 'intervals.jsonl'))];
  expect(lines.length - told).toBeGreaterThanOrEqual(0);
  expect(lines.length - told).toBeLessThanOrEqual(1);
  expect(lines.map(({ index }) => index)).toEqual(lines.map((_, index) => index));
  const report = await runTidemark(['report', id, '--out', out, '--json']);
  expect({ exitCode: report.exitCode, stderr: report.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const summary = JSON.parse(report.stdout) as Summary;
  const sent = lines.reduce((sum, { counters }) => sum + (counters.framesSent ?? 0), 0);
  expect(summary.frames.sent).toBe(sent);
  expect(summary.run.brokeOff?.atSeconds).toBe(lines.at(-1)?.endSeconds ?? 0);
}
