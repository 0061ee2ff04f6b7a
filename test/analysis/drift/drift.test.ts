import { expect, test } from 'vitest';
import { analyzeDrift, analyzeTable, type DriftFinding } from '../../../src/analysis/drift/drift.ts';
import { Random } from '../../../src/base/random.ts';
import type { IntervalHistogram, IntervalLine } from '../../../src/store/interval-line.ts';
import { syntheticSoak } from '../../support/synthetic-soak.ts';

/** Lines of a run at 1000 frames/s whose response p99 is `p99Us`, everything else steady but for noise. */
function lines(count: number, p99Us: (index: number) => number, from: number = 0): IntervalLine[] {
  const random = new Random(count, from);
  return Array.from({ length: count }, (_, offset) => {
    const index = from + offset;
    const jitter = (): number => 1 + 0.02 * random.normal();
    const histogram = (p99: number): IntervalHistogram => ({
      count: 1000,
      min: 400,
      mean: 600,
      p50: 500 * jitter(),
      p90: 900 * jitter(),
      p99: p99 * jitter(),
      p999: 2 * p99 * jitter(),
      max: 9000,
    });
    return {
      index,
      startSeconds: index,
      endSeconds: index + 1,
      phase: 'measure',
      counters: { framesMatched: 1000 },
      gauges: { openNow: 10 },
      histograms: { response: histogram(p99Us(index)), service: histogram(2000) },
    };
  });
}

function ofSeries(findings: readonly DriftFinding[], series: string): DriftFinding | undefined {
  return findings.find((finding) => finding.series === series);
}

test('analyzeDrift finds a rising p99 with its slope, and what is quiet', () => {
  const { findings, quiet, notJudged } = analyzeDrift(lines(600, (index) => 2000 + 2 * index));
  expect(findings.map(({ series }) => series)).toEqual(['response p99', 'response p99.9']);
  const [finding] = findings;
  if (finding?.kind !== 'trend') throw new Error('A trend is expected');
  expect(finding.slopePerHour.value).toBeGreaterThan(7000);
  expect(finding.slopePerHour.value).toBeLessThan(7400);
  expect(finding.slopePerHour.low).toBeLessThanOrEqual(7200);
  expect(finding.slopePerHour.high).toBeGreaterThanOrEqual(7200);
  expect(finding.startSeconds).toBe(0);
  expect(quiet).toEqual([
    'response p50',
    'response p90',
    'service p50',
    'service p99',
    'throughput',
    'errors',
    'reconnects',
  ]);
  expect(notJudged.map(({ series }) => series)).toEqual(['dial p99', 'generator memory']);
});

test('analyzeDrift finds a step, to the interval', () => {
  const { findings } = analyzeDrift(lines(600, (index) => (index < 217 ? 2000 : 2600)));
  const finding = ofSeries(findings, 'response p99');
  if (finding?.kind !== 'step') throw new Error('A step is expected');
  expect(Math.abs(finding.startSeconds - 217)).toBeLessThanOrEqual(1);
  expect(finding.change.value).toBeCloseTo(600, -2);
  expect(finding.level).toBeCloseTo(2000, -2);
});

test('analyzeDrift says how many intervals there are where they are too few', () => {
  expect(analyzeDrift(lines(59, () => 2000)).tooShort).toContain('at least 60 intervals are needed');
  expect(analyzeDrift(lines(60, () => 2000)).tooShort).toBeNull();
  expect(analyzeDrift([]).tooShort).toContain('this run has 0');
});

test('analyzeDrift leaves out warm-up, drain, and what the generator spoiled', () => {
  const run = lines(300, (index) => (index < 100 || index >= 280 ? 50_000 : 2000));
  for (const line of run.slice(0, 40)) line.phase = 'warmup';
  for (const line of run.slice(280)) line.phase = 'drain';
  for (const line of run.slice(40, 100)) {
    line.health = { level: 'invalid', warned: [], invalid: ['stall'], signals: {} };
  }
  const { findings, intervals } = analyzeDrift(run);
  expect(findings).toEqual([]);
  expect(intervals).toMatchObject({ used: 180, spoiled: 60 });
});

test('analyzeDrift goes by time, so that a gap leaves the slope as it is', () => {
  const slope = (index: number): number => 2000 + 2 * index;
  const { findings } = analyzeDrift([...lines(300, slope), ...lines(300, slope, 900)]);
  const finding = ofSeries(findings, 'response p99');
  if (finding?.kind !== 'trend') throw new Error('A trend is expected');
  expect(finding.slopePerHour.value).toBeGreaterThan(6900);
  expect(finding.slopePerHour.value).toBeLessThan(7500);
});

test('analyzeDrift finds errors that begin, however rare', () => {
  const run = lines(1200, () => 2000);
  for (const line of run.slice(600)) if (line.index % 5 === 0) line.counters['session:reset'] = 1;
  const finding = ofSeries(analyzeDrift(run).findings, 'errors');
  expect(finding).toMatchObject({ kind: 'step', level: 0 });
  expect(finding?.startSeconds).toBeGreaterThan(590);
  expect(finding?.startSeconds).toBeLessThan(610);
});

test('analyzeTable gives no alarm in 120 soaks without drift', () => {
  let alarms = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const correlation = [0, 0.3, 0.6, 0.9][seed % 4] ?? 0;
    const table = syntheticSoak({ seed, intervals: 60 * (1 + (seed % 10)), correlation, spread: 0.2 });
    if (analyzeTable(table).findings.length > 0) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(2);
});
