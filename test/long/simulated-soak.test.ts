import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

import type { Summary } from '../../src/store/summary.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';

const HOURS = 72;
const MB = 1e6;
/**
 * At this speed V8 comes to its first collection of old objects after some simulated hours, and they are no leak: the
 * simulation collects before it looks.
 */
const NODE_FLAGS: readonly string[] = ['--expose-gc'];
const SIMULATION = fileURLToPath(new URL('../support/simulated-soak.js', import.meta.url));
const RECORDED = fileURLToPath(new URL('../fixtures/hlog/soak.hlog', import.meta.url));

/** What the simulation says of itself, see there. */
interface Simulated {
  directory: string;
  intervals: number;
  frames: number;
  directoryBytesMax: number;
  samples: { seconds: number; rss: number }[];
}

/** In memory where the system has such a place: three days of checkpoints are 25,920 times fsync. */
function memoryDirectory(): string {
  if (!existsSync('/dev/shm')) return scratchDirectory();
  const path = mkdtempSync('/dev/shm/tidemark-test-');
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test(
  'a simulated soak of 72 h takes no more memory after its first hour, less than 300 MB of disk, and is reported in 3 s',
  { timeout: 600_000 },
  async () => {
    const out = memoryDirectory();
    const args = [...NODE_FLAGS, SIMULATION, out, RECORDED, String(HOURS)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * MB });
    const { directory, intervals, frames, directoryBytesMax, samples } = JSON.parse(stdout) as Simulated;
    expect(intervals).toBe(HOURS * 3600);
    const afterAnHour = samples.find(({ seconds }) => seconds >= 3600)?.rss ?? 0;
    const later = samples.filter(({ seconds }) => seconds > 3600).map(({ rss }) => rss);
    expect(later).toHaveLength((HOURS - 1) * 6);
    const growth = Math.max(...later) - afterAnHour;

    const began = performance.now();
    const report = await runTidemark(['report', directory]);
    const reportMs = performance.now() - began;
    process.stdout.write(
      `72 h simulated: memory ${(afterAnHour / MB).toFixed(1)} MB after an hour, at most ${(growth / MB).toFixed(1)} MB ` +
        `more after it; directory at most ${(directoryBytesMax / MB).toFixed(1)} MB; report in ${reportMs.toFixed(0)} ms\n`,
    );
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    const json = await runTidemark(['report', directory, '--json']);
    const summary = JSON.parse(json.stdout) as Summary;
    expect(summary.intervals.count).toBe(intervals);
    expect(summary.frames.matched).toBe(frames);
    expect(summary.histograms.response.count).toBe(frames);
    expect(summary.record.widths.length).toBeGreaterThan(1);

    expect(growth).toBeLessThanOrEqual(5 * MB);
    expect(directoryBytesMax).toBeLessThan(300 * MB);
    expect(reportMs).toBeLessThanOrEqual(3000);
  },
);
