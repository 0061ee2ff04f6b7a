import { describe, expect, test } from 'vitest';

import type { CapacityResult } from '../../src/analysis/capacity/capacity-result.ts';
import { start } from '../e2e/json-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { summarizeShares } from '../support/simulated-search.ts';
import { runTidemark } from '../support/tidemark.ts';

/** The searches' figures: against targets whose capacity is known, and over many simulated ones. */
describe('tidemark capacity', () => {
  const CAPACITY = 5000;

  test('ends within 2% of a token bucket', async () => {
    const { bounds, ending } = await searched([`capacity:${CAPACITY}/s`]);
    expect(ending).toBe('found');
    expect(Math.abs((bounds.lower ?? 0) / CAPACITY - 1)).toBeLessThanOrEqual(0.02);
  }, 300_000);

  test('ends within 10% of a token bucket that freezes in 10% of the windows for a tenth of one', async () => {
    const { bounds } = await searched([`capacity:${CAPACITY}/s`, 'freeze:100ms/3s/10s']);
    expect(Math.abs((bounds.lower ?? 0) / CAPACITY - 1)).toBeLessThanOrEqual(0.1);
  }, 300_000);

  async function searched(faults: readonly string[]): Promise<CapacityResult> {
    const target = start(['target', '--port', '0', ...faults.flatMap((fault) => ['--fault', fault])]);
    const address = (await target.firstLine).replace('listening on ', '');
    const plan = ['--target', address, '-c', '50', '--threshold', 'response.p99 < 50ms'];
    const goal = ['--start', '2k/s', '--trial', '1s', '--warmup', '300ms', '--confirm', '5'];
    const out = scratchDirectory();
    const { stdout } = await runTidemark(['capacity', ...plan, ...goal, '--quiet', '--json', '--out', out]);
    return JSON.parse(stdout) as CapacityResult;
  }
});

describe('a simulated search', () => {
  test.each([
    { stalls: 0, least: 0.98, below: 0 },
    { stalls: 0.1, least: 0, below: 0.005 },
    { stalls: 0.15, least: 0, below: 0.005 },
  ])('lands at the truth where $stalls of the windows stall', ({ stalls, least, below }) => {
    const shares = summarizeShares(stalls, 2000);
    expect(shares.least).toBeGreaterThanOrEqual(least);
    expect(shares.median).toBeGreaterThan(0.985);
    expect(shares.most).toBeLessThanOrEqual(1);
    expect(shares.below(0.9)).toBeLessThanOrEqual(below);
  });
});
