import { expect, test } from 'vitest';
import { joinHistograms, joinIntervals } from '../../../src/analysis/drift/join-intervals.ts';
import { Random } from '../../../src/base/random.ts';
import {
  intervalHistogram,
  type IntervalHistogram,
  type IntervalLine,
} from '../../../src/store/interval-line.ts';
import { histogramsOf } from '../../support/sample-run.ts';

function numbersOf(times: readonly number[]): IntervalHistogram {
  const histogram = histogramsOf({ response: times }).get('response');
  const numbers = histogram === undefined ? null : intervalHistogram(histogram);
  if (numbers === null) throw new Error('There are times');
  return numbers;
}

/** A second of responses about 2 ms; in every twentieth second they take ten times as long. */
function second(random: Random, index: number): number[] {
  const level = index % 20 === 0 ? 20_000 : 2000;
  return Array.from({ length: 500 }, () => Math.round(level * Math.exp(0.3 * random.normal())));
}

test('joinHistograms comes to the percentiles of all the times, within 8%', () => {
  const random = new Random(1);
  const seconds = Array.from({ length: 60 }, (_, index) => second(random, index));
  const joined = joinHistograms(seconds.map(numbersOf));
  const exact = numbersOf(seconds.flat());
  expect(joined).toMatchObject({ count: exact.count, min: exact.min, max: exact.max });
  expect(joined.mean).toBeCloseTo(exact.mean, 6);
  for (const name of ['p50', 'p90', 'p99', 'p999'] as const) {
    expect(Math.abs(joined[name] / exact[name] - 1)).toBeLessThan(0.08);
  }
});

test('joinHistograms of equal times gives that time', () => {
  const { p50, p99, p999 } = joinHistograms([numbersOf([700, 700]), numbersOf([700])]);
  for (const value of [p50, p99, p999]) expect(value).toBeCloseTo(700, 3);
});

test('joinIntervals adds counters up and keeps the last gauges', () => {
  const line = (index: number): IntervalLine => ({
    index,
    startSeconds: index,
    endSeconds: index + 1,
    phase: 'measure',
    counters: { framesSent: 10, ...(index === 1 ? { writeStalls: 2 } : {}) },
    gauges: { openNow: index },
    histograms: index === 1 ? { dial: numbersOf([5, 6]) } : {},
  });
  expect(joinIntervals([line(0), line(1), line(2)])).toMatchObject({
    index: 0,
    startSeconds: 0,
    endSeconds: 3,
    counters: { framesSent: 30, writeStalls: 2 },
    gauges: { openNow: 2 },
    histograms: { dial: { count: 2, min: 5, max: 6 } },
  });
});
