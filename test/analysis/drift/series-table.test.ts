import { expect, test } from 'vitest';
import { analyzeDrift } from '../../../src/analysis/drift/drift.ts';
import { SERIES } from '../../../src/analysis/drift/series.ts';
import { collectSeries } from '../../../src/analysis/drift/series-table.ts';
import { Random } from '../../../src/base/random.ts';
import type { IntervalLine } from '../../../src/store/interval-line.ts';

const P99 = SERIES.findIndex(({ name }) => name === 'response p99');
const THROUGHPUT = SERIES.findIndex(({ name }) => name === 'throughput');

function line(startSeconds: number, endSeconds: number, p99: number): IntervalLine {
  return {
    index: startSeconds,
    startSeconds,
    endSeconds,
    phase: 'measure',
    counters: { framesMatched: 100 * (endSeconds - startSeconds) },
    gauges: { openNow: 1 },
    histograms: { response: { count: 100, min: 1, mean: 2, p50: 2, p90: 3, p99, p999: p99, max: p99 } },
  };
}

test('collectSeries joins narrow intervals to the width of the wide ones, and marks the seam', () => {
  const wide = Array.from({ length: 10 }, (_, i) => line(10 * i, 10 * i + 10, 5000));
  const narrow = Array.from({ length: 100 }, (_, i) => line(100 + i, 101 + i, i % 2 === 0 ? 4000 : 6000));
  const table = collectSeries([...wide, ...narrow]);
  expect(table.rows.widthSeconds).toBe(10);
  expect([...table.rows.times]).toEqual(Array.from({ length: 20 }, (_, i) => 10 * i + 5));
  expect([...(table.columns[P99] ?? [])].slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 5000));
  expect([...(table.columns[THROUGHPUT] ?? [])]).toEqual(Array.from({ length: 20 }, () => 100));
  expect(table.seams).toEqual([10]);
});

test('collectSeries drops remnants, and joins nothing across a gap', () => {
  const run = [
    line(0, 10, 5000),
    ...Array.from({ length: 4 }, (_, i) => line(10 + i, 11 + i, 5000)),
    ...Array.from({ length: 10 }, (_, i) => line(50 + i, 51 + i, 5000)),
  ];
  expect([...collectSeries(run).rows.times]).toEqual([5, 55]);
});

test('collectSeries keeps its memory bounded, in pairs of neighbours', () => {
  function* days(): Generator<IntervalLine> {
    for (let i = 0; i < 300_000; i++) yield line(i, i + 1, i % 2 === 0 ? 1000 : 3000);
  }
  const table = collectSeries(days());
  expect(table.measured).toBe(300_000);
  expect(table.rows.times.length).toBe(150_000);
  expect(table.rows.widthSeconds).toBe(2);
  expect(table.columns[P99]?.every((value) => value === 2000)).toBe(true);
  expect(table.endSeconds).toBe(300_000);
});

test('a step where the width of the intervals changes is none: percentiles mean something else from there on', () => {
  const random = new Random(1);
  const noisy = (level: number): number => level * (1 + 0.02 * random.normal());
  const wide = Array.from({ length: 120 }, (_, i) => line(10 * i, 10 * i + 10, noisy(5000)));
  const narrow = Array.from({ length: 1200 }, (_, i) => line(1200 + i, 1201 + i, noisy(4000)));
  expect(analyzeDrift([...wide, ...narrow]).findings).toEqual([]);
  const stepElsewhere = narrow.map((each) => line(each.startSeconds, each.endSeconds, noisy(5000)));
  for (const each of stepElsewhere.slice(700)) {
    const p99 = noisy(7000);
    Object.assign(each.histograms.response ?? {}, { p99, p999: p99, max: p99 });
  }
  expect(analyzeDrift([...wide, ...stepElsewhere]).findings.map(({ kind }) => kind)).toContain('step');
});
