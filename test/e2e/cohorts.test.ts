import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readHistogramLog } from '../../src/store/histogram-log.ts';
import { readIntervalLines } from '../../src/store/interval-line.ts';
import type { Summary } from '../../src/store/summary.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';

const PROFILE = `
duration: 1500ms
cohorts:
  idle:
    connections: { count: 20 }
    load: { rate: 1/s }
    heartbeat: { every: 300ms }
  steady:
    connections: { count: 5 }
    load: { rate: 20/s }
    thresholds: ['frames.lost == 0']
  bulk:
    connections: { count: 2 }
    load: { think: 50ms }
    payload: { size: 16KiB }
    thresholds: ['response.p50 < 1us']
`;

describe('tidemark run with cohorts', () => {
  test('keeps every figure a cohort, their sum as the whole, and judges each by its own thresholds', async () => {
    const directory = scratchDirectory();
    const file = join(directory, 'mixed.yaml');
    writeFileSync(file, PROFILE);
    const args = ['run', file, '--workers', '2', '--json', '--quiet', '--out', directory];
    const { stdout, exitCode } = await runTidemark(args);
    expect(exitCode).toBe(99);
    const summary = JSON.parse(stdout) as Summary;
    expect(Object.keys(summary.cohorts)).toEqual(['idle', 'steady', 'bulk']);
    const cohorts = Object.values(summary.cohorts);
    expect(cohorts.map(({ connections }) => connections.opened)).toEqual([20, 5, 2]);
    expect(cohorts.map(({ loadModel }) => loadModel)).toEqual(['open', 'open', 'closed']);
    for (const field of ['sent', 'received', 'matched', 'unsent'] as const) {
      expect(cohorts.reduce((sum, { frames }) => sum + frames[field], 0)).toBe(summary.frames[field]);
    }
    expect(cohorts.reduce((sum, { histograms }) => sum + histograms.response.count, 0)).toBe(
      summary.histograms.response.count,
    );
    expect(summary.cohorts['idle']?.heartbeats.sent).toBeGreaterThan(0);
    expect(summary.cohorts['bulk']?.heartbeats.sent).toBe(0);
    expect(summary.verdict.thresholds.map(({ expr, ok }) => [expr, ok])).toEqual([
      ['steady:frames.lost == 0', true],
      ['bulk:response.p50 < 1us', false],
    ]);
    expectStored(join(directory, summary.run.id), summary);
  });
});

/** The run's directory tells the same, an interval at a time. */
function expectStored(directory: string, summary: Summary): void {
  const lines = [...readIntervalLines(join(directory, 'intervals.jsonl'))];
  for (const name of ['idle', 'steady', 'bulk']) {
    const sent = lines.reduce((sum, { cohorts }) => sum + (cohorts?.[name]?.counters.framesSent ?? 0), 0);
    expect(sent).toBe(summary.cohorts[name]?.frames.sent);
    const responses = lines.reduce(
      (sum, line) => sum + (line.cohorts?.[name]?.histograms.response?.count ?? 0),
      0,
    );
    expect(responses).toBe(summary.cohorts[name]?.histograms.response.count);
  }
  const tags = new Set(Array.from(readHistogramLog(join(directory, 'latency.hlog')), ({ tag }) => tag));
  expect(tags).toContain('response');
  expect(tags).toContain('idle:heartbeat');
  expect(tags).toContain('bulk:response');
  expect(tags).not.toContain('bulk:heartbeat');
  expect(readFileSync(join(directory, 'summary.json'), 'utf8')).toContain('"cohorts"');
}
