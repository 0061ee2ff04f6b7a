import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { readHistogramLog } from '../../src/store/histogram-log.ts';
import { readIntervalLines } from '../../src/store/interval-line.ts';
import { continueRun } from '../../src/store/run-writer.ts';
import { sampleManifest } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const KILLS = 30;
const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Stores intervals of ten values as fast as it can, in the least room there is, and says the number of each. */
const APPENDS_UNTIL_KILLED = `
  const [dist, out, manifest] = process.argv.slice(1);
  const { createRun } = await import(dist + 'store/run-writer.js');
  const { HistogramSet } = await import(dist + 'measure/histogram-set.js');
  const { Recorder } = await import(dist + 'measure/recorder.js');
  const { setImmediate } = await import('node:timers/promises');
  const { writeSync } = await import('node:fs');
  const writer = createRun(out, JSON.parse(manifest));
  const recorder = new Recorder();
  for (let index = 0; ; index++) {
    for (let i = 0; i < 10; i++) recorder.record(((index * 10 + i) * 7919) % 100_000);
    const histograms = new HistogramSet();
    histograms.add({ response: recorder.take() });
    const times = { startSeconds: index, endSeconds: index + 1 };
    const counts = { counters: { framesSent: 10 }, gauges: { openNow: 1 } };
    writer.append({ index, ...times, phase: 'measure', ...counts }, histograms);
    writeSync(1, index + '\\n');
    if (index % 8 === 0) await setImmediate();
  }
`;

/** Kills the writer after `ms`; gives how many intervals it had said to be stored. */
async function killAfter(out: string, ms: number): Promise<number> {
  const manifest = sampleManifest();
  const profile = { ...manifest.profile, record: { maxDiskBytes: 1024 * 1024 } };
  const args = [DIST, out, JSON.stringify({ ...manifest, profile })];
  const child = spawn(process.execPath, ['--input-type=module', '-e', APPENDS_UNTIL_KILLED, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-100)));
  await once(child.stdout, 'data');
  await setTimeout(ms);
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1)) + 1;
}

test(
  'a RunWriter that is killed at any moment, widening or not, leaves every interval that had ended to be read',
  { timeout: 120_000 },
  async () => {
    const random = new Random(20_261_124);
    const moments = Array.from({ length: KILLS }, () => random.below(700));
    for (let at = 0; at < KILLS; at += 3) {
      await Promise.all(moments.slice(at, at + 3).map((ms) => expectWholeAfter(ms)));
    }
  },
);

async function expectWholeAfter(ms: number): Promise<void> {
  const out = scratchDirectory();
  const stored = await killAfter(out, ms);
  const [id = ''] = readdirSync(out);
  const directory = join(out, id);
  const lines = [...readIntervalLines(join(directory, 'intervals.jsonl'))];
  let next = 0;
  for (const { index, merged, startSeconds, endSeconds } of lines) {
    expect(index).toBe(next);
    next += merged ?? 1;
    expect([startSeconds, endSeconds]).toEqual([index, next]);
  }
  // One more may have been stored than the writer came to say.
  expect([stored, stored + 1]).toContain(next);
  let values = 0;
  for (const interval of readHistogramLog(join(directory, 'latency.hlog')))
    values += interval.histogram().count;
  expect([next * 10, (next + 1) * 10]).toContain(values);
  const manifest = sampleManifest();
  const again = continueRun(directory, manifest);
  expect(again.widths.reduce((sum, { intervals }) => sum + intervals, 0)).toBe(lines.length);
  again.close();
}
