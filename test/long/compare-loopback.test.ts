import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { runTidemark, startTidemark } from '../support/tidemark.ts';

/** Every reply waits so long, so that what else this machine does is small against it. */
const SLOW = 'delay:20ms';
/** The same and 10% more. */
const SLOWER = 'delay:22ms';

let targets: ReturnType<typeof startTidemark>[] = [];
let addresses: string[] = [];

beforeAll(async () => {
  targets = [SLOW, SLOWER].map((fault) => startTidemark(['target', '--port', '0', '--fault', fault]));
  addresses = await Promise.all(
    targets.map(async ({ firstLine }) => (await firstLine).replace('listening on ', '')),
  );
});

afterAll(async () => {
  for (const { child } of targets) child.kill('SIGTERM');
  await Promise.all(targets.map(({ ended }) => ended));
});

/**
 * Runs of a fifth of a second: so many of them fit into some minutes. Against replies that take 50 us, the moods of a
 * shared machine move the median of so short a run by half, and one interval in 64 lies above 0 by chance alone.
 */
const SHORT = ['-c', '40', '-T', '200ms', '--warmup', '40ms'];
/** Long enough for replies that wait 20 ms. */
const LONGER = ['-c', '20', '-T', '1s', '--warmup', '200ms'];

/** A comparison of two targets by 6 pairs of runs, by the median alone. */
async function compare(a = '', b = '', runs: readonly string[] = SHORT): Promise<Comparison> {
  const out = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  try {
    const load = [...runs, '--cooldown', '0s', '--pairs', '6'];
    const judged = ['--gate', 'response.p50', '--quiet', '--json', '--out', out];
    const { stdout, stderr } = await runTidemark(['compare', '--a', a, '--b', b, ...load, ...judged]);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Comparison;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function medianOf({ metrics }: Comparison): Comparison['metrics'][number] | undefined {
  return metrics.find(({ name }) => name === 'response.p50');
}

test('of 40 comparisons of a server with itself, at most 5 intervals leave out 0, and none is worse', async () => {
  const [slow] = addresses;
  let excludes = 0;
  const words: Record<string, number> = {};
  for (let i = 0; i < 40; i++) {
    const comparison = await compare(slow, slow);
    const { low, high } = medianOf(comparison)?.change ?? {};
    if ((low ?? 0) > 0 || (high ?? 0) < 0) excludes++;
    words[comparison.verdict.word] = (words[comparison.verdict.word] ?? 0) + 1;
  }
  process.stderr.write(`of 40: ${excludes} leave out 0, ${JSON.stringify(words)}\n`);
  expect(excludes).toBeLessThanOrEqual(5);
  expect(words['worse'] ?? 0).toBe(0);
}, 300_000);

test('a server that takes 10% longer for each reply is found to be worse', async () => {
  const [slow, slower] = addresses;
  const comparison = await compare(slow, slower, LONGER);
  expect(comparison.verdict.word).toBe('worse');
  expect(medianOf(comparison)?.change?.value).toBeGreaterThan(0.06);
  expect(medianOf(comparison)?.change?.value).toBeLessThan(0.14);
}, 60_000);
