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
const SAMPLES_AN_HOUR = 6;
const MB = 1e6;
/**
 * At this speed V8 comes to its first collection of old objects after some simulated hours, and they are no leak: the
 * simulation collects before it looks.
 */
const NODE_FLAGS: readonly string[] = ['--expose-gc'];
/**
 * glibc gives each of Node's and V8's threads a part of the heap of its own, and what lies idle in them wanders by 2 MB
 * (5.7 MB of growth once, where it is 3.4 MB with one part for all): the allocator's, and no leak either.
 */
const ALLOCATOR: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: '1' };
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

/**
 * The resident memory of an hour: the median of its samples. V8's collector threads take some MB for moments, now here and
 * now there, and the highest of 432 moments held against a single one would measure these.
 */
function levelOf(samples: Simulated['samples'], hour: number): number {
  const ofHour = samples.slice(hour * SAMPLES_AN_HOUR, (hour + 1) * SAMPLES_AN_HOUR);
  const sorted = ofHour.map(({ rss }) => rss).toSorted((a, b) => a - b);
  return ((sorted[SAMPLES_AN_HOUR / 2 - 1] ?? 0) + (sorted[SAMPLES_AN_HOUR / 2] ?? 0)) / 2;
}

test(
  'a simulated soak of 72 h takes no more memory after its first hour, less than 300 MB of disk, and is reported in 3 s',
  { timeout: 600_000 },
  async () => {
    const out = memoryDirectory();
    const args = [...NODE_FLAGS, SIMULATION, out, RECORDED, String(HOURS)];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      maxBuffer: 16 * MB,
      env: { ...process.env, ...ALLOCATOR },
    });
    const { directory, intervals, frames, directoryBytesMax, samples } = JSON.parse(stdout) as Simulated;
    expect(intervals).toBe(HOURS * 3600);
    expect(samples).toHaveLength(HOURS * SAMPLES_AN_HOUR);
    const hours = Array.from({ length: HOURS }, (_, hour) => levelOf(samples, hour));
    const [firstHour = 0, ...later] = hours;
    const growth = Math.max(...later) - firstHour;
    const highest = Math.max(...samples.map(({ rss }) => rss)) - firstHour;

    const began = performance.now();
    const report = await runTidemark(['report', directory]);
    const reportMs = performance.now() - began;
    process.stdout.write(
      `72 h simulated: memory ${(firstHour / MB).toFixed(1)} MB in the first hour, at most ${(growth / MB).toFixed(1)} MB ` +
        `more in any later one, ${(highest / MB).toFixed(1)} MB at the highest moment; directory at most ${(directoryBytesMax / MB).toFixed(1)} MB; report in ${reportMs.toFixed(0)} ms\n`,
    );
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    const json = await runTidemark(['report', directory, '--json']);
    const summary = JSON.parse(json.stdout) as Summary;
    expect(summary.intervals.count).toBe(intervals);
    expect(summary.frames.matched).toBe(frames);
    expect(summary.histograms.response.count).toBe(frames);
    expect(summary.record.widths.length).toBeGreaterThan(1);

    expect(growth).toBeLessThanOrEqual(5 * MB);
    expect(highest).toBeLessThanOrEqual(10 * MB);
    expect(directoryBytesMax).toBeLessThan(300 * MB);
    expect(reportMs).toBeLessThanOrEqual(3000);
  },
);
