import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { Recorder } from '../../src/measure/recorder.ts';
import { formatHistogramLogHeader, formatHistogramLogLine } from '../../src/store/histogram-log.ts';
import { sampleInterval, sampleManifest, sampleSummary } from '../support/sample-run.ts';
import { runTidemark } from '../support/tidemark.ts';

const SECONDS = 72 * 3600;
/** As many intervals as a run of three days has, once it is widened. */
const INTERVALS = 32_400;
const WIDTH = SECONDS / INTERVALS;

/** A stored run of 72 h with all its logs. */
function storeRun(out: string, id: string, startedAt: string): void {
  const directory = join(out, id);
  mkdirSync(directory);
  const recorder = new Recorder();
  for (let i = 0; i < 4000; i++) recorder.record(80 + ((i * 7919) % 4000));
  const histogram = new LatencyHistogram();
  const delta = recorder.take();
  if (delta !== null) histogram.add(delta);
  let log = formatHistogramLogHeader(new Date(startedAt));
  let intervals = '';
  const tags = ['response', 'service', 'sendLag'];
  const template = formatHistogramLogLine({ tag: 'x', startSeconds: 0, lengthSeconds: WIDTH }, histogram);
  const encoded = template.slice(template.lastIndexOf(','));
  for (let index = 0; index < INTERVALS; index++) {
    const startSeconds = index * WIDTH;
    for (const tag of tags)
      log += `Tag=${tag},${startSeconds.toFixed(3)},${WIDTH.toFixed(3)},4.079${encoded}`;
    const line = { ...sampleInterval(index), startSeconds, endSeconds: startSeconds + WIDTH, histograms: {} };
    intervals += `${JSON.stringify(line)}\n`;
    if (index % 1000 === 999 || index === INTERVALS - 1) {
      appendFileSync(join(directory, 'latency.hlog'), log);
      appendFileSync(join(directory, 'intervals.jsonl'), intervals);
      [log, intervals] = ['', ''];
    }
  }
  const summary = sampleSummary();
  Object.assign(summary.run, { id, startedAt, seconds: SECONDS });
  summary.intervals = { seconds: 1, count: SECONDS };
  summary.record.widths = [{ fromSeconds: 0, toSeconds: SECONDS, widthSeconds: WIDTH, intervals: INTERVALS }];
  writeFileSync(join(directory, 'run.json'), JSON.stringify(sampleManifest({ id, startedAt })));
  writeFileSync(join(directory, 'summary.json'), JSON.stringify(summary));
}

test('two stored runs of 72 h each are compared within 5 s', async () => {
  const out = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  try {
    storeRun(out, '2026-01-01T00-00-00Z-before-0001', '2026-01-01T00:00:00.000Z');
    storeRun(out, '2026-02-01T00-00-00Z-after-0001', '2026-02-01T00:00:00.000Z');
    const beganMs = performance.now();
    const sides = ['--baseline', '2026-01', '--candidate', '2026-02'];
    const { stdout, stderr } = await runTidemark(['compare', ...sides, '--json', '--out', out]);
    const seconds = (performance.now() - beganMs) / 1000;
    expect(stderr).toBe('');
    const { metrics, shift } = JSON.parse(stdout) as Comparison;
    expect(metrics.find(({ name }) => name === 'response.p99')?.change?.value).toBeCloseTo(0, 12);
    expect(shift.map(({ quantile }) => quantile)).toContain(0.99);
    process.stderr.write(`two runs of 72 h: ${seconds.toFixed(2)} s\n`);
    expect(seconds).toBeLessThanOrEqual(5);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
