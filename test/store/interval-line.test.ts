import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import {
  formatIntervalLine,
  intervalHistogram,
  readIntervalLines,
  type IntervalLine,
} from '../../src/store/interval-line.ts';
import { histogramsOf, sampleInterval } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const HISTOGRAM = { count: 2, min: 1, mean: 2, p50: 1, p90: 3, p99: 3, p999: 3, max: 3 };

function lineOf(index: number): IntervalLine {
  return { ...sampleInterval(index), histograms: { response: HISTOGRAM } };
}

function fileWith(content: string): string {
  const path = join(scratchDirectory(), 'intervals.jsonl');
  writeFileSync(path, content);
  return path;
}

test('readIntervalLines gives what formatIntervalLine wrote', () => {
  const lines = [lineOf(0), lineOf(1)];
  expect([...readIntervalLines(fileWith(lines.map(formatIntervalLine).join('')))]).toEqual(lines);
});

test('readIntervalLines drops a torn last line, wherever it was torn', () => {
  const whole = formatIntervalLine(lineOf(0));
  const torn = formatIntervalLine(lineOf(1));
  for (let length = 0; length < torn.length; length += 7) {
    expect([...readIntervalLines(fileWith(whole + torn.slice(0, length)))]).toEqual([lineOf(0)]);
  }
});

test.each([
  { damage: '{"index":', because: 'the line must be JSON, but it is damaged' },
  { damage: '{"index":1}', because: 'startSeconds: invalid input' },
  { damage: formatIntervalLine({ ...lineOf(1), index: Number.NaN }).trim(), because: 'index: invalid input' },
])('readIntervalLines names file and line of a corrupt middle line: $because', ({ damage, because }) => {
  const path = fileWith(`${formatIntervalLine(lineOf(0))}${damage}\n${formatIntervalLine(lineOf(2))}`);
  expect(() => [...readIntervalLines(path)]).toThrow(
    expect.objectContaining({
      code: 'ERR_STORE',
      message: expect.stringContaining(`${path}:2: ${because}`) as unknown,
    }),
  );
});

test('intervalHistogram is null without values, else the numbers of the histogram', () => {
  expect(intervalHistogram(new LatencyHistogram())).toBeNull();
  const histogram = histogramsOf({ response: [1, 3] }).get('response');
  expect(histogram && intervalHistogram(histogram)).toEqual(HISTOGRAM);
});

test('readIntervalLines finds each value of a line that is not what it must be, however deep', () => {
  const cohort = { ...sampleInterval(1), histograms: { response: HISTOGRAM } };
  const { counters, gauges, histograms } = cohort;
  const health = {
    level: 'warn',
    warned: ['stall'],
    invalid: [],
    signals: { stall: 60_000 },
    invalidShare: 0.2,
  };
  const line = { ...lineOf(1), merged: 5, cohorts: { bulk: { counters, gauges, histograms } }, health };
  expect([...readIntervalLines(fileWith(`${JSON.stringify(line)}\n`))]).toEqual([line]);
  const paths = leavesOf(line);
  expect(paths.length).toBeGreaterThan(30);
  const missed = paths.filter((path) => {
    const damaged = JSON.stringify(withValueAt(line, path, { odd: true }));
    try {
      return [...readIntervalLines(fileWith(`${damaged}\n${damaged}\n`))].length > 0;
    } catch {
      return false;
    }
  });
  expect(missed).toEqual([]);
});

/** Where the numbers and texts of a value stand. */
function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

function withValueAt(value: unknown, [key, ...rest]: string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  if (Array.isArray(value)) {
    return value.map((part, index) => (String(index) === key ? withValueAt(part, rest, leaf) : part));
  }
  const record = value as Record<string, unknown>;
  return { ...record, [key]: withValueAt(record[key], rest, leaf) };
}
