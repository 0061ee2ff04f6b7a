import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import {
  formatHistogramLogHeader,
  formatHistogramLogLine,
  readHistogramLog,
  type HistogramLogInterval,
} from '../../src/store/histogram-log.ts';
import { histogramsOf } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const JHICCUP = fixture('jHiccup-2.0.7S.logV2.hlog');
const TAGGED = fixture('tagged-Log.logV2.hlog');
const HEADER = formatHistogramLogHeader(new Date('2026-11-23T17:10:00.250Z'));

function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/hlog/${name}`, import.meta.url));
}

function merged(intervals: readonly HistogramLogInterval[]): LatencyHistogram {
  const total = new LatencyHistogram();
  for (const interval of intervals) total.merge(interval.histogram());
  return total;
}

function logWith(content: string): string {
  const path = join(scratchDirectory(), 'latency.hlog');
  writeFileSync(path, content);
  return path;
}

function responseOf(...times: number[]): LatencyHistogram {
  return histogramsOf({ response: times }).get('response') ?? new LatencyHistogram();
}

test('readHistogramLog agrees with the reference readers on the jHiccup log', () => {
  const intervals = [...readHistogramLog(JHICCUP)];
  expect(intervals).toHaveLength(62);
  expect(intervals[0]).toMatchObject({
    tag: null,
    startSeconds: 0.127,
    lengthSeconds: 1.007,
    max: 2.769,
    logStartEpochSeconds: 1441812279.474,
  });
  const total = merged(intervals);
  expect(total.count).toBe(48_761);
  expect(total.percentileUs(50)).toBe(327_935);
  expect(total.percentileUs(99.9)).toBe(1_745_879_039);
  expect(total.maxUs).toBe(1_796_210_687);
});

test('readHistogramLog keeps the tags of the tagged log apart, and its two halves are equal', () => {
  const intervals = [...readHistogramLog(TAGGED)];
  expect(intervals).toHaveLength(42);
  expect(merged(intervals).count).toBe(32_290);
  const tagged = merged(intervals.filter(({ tag }) => tag === 'A'));
  const untagged = merged(intervals.filter(({ tag }) => tag === null));
  expect(tagged.count).toBe(16_145);
  expect(tagged.summary()).toEqual(untagged.summary());
  expect(tagged.encode()).toBe(untagged.encode());
});

test('formatHistogramLogHeader begins as version 1.3 does', () => {
  expect(HEADER.split('\n')).toEqual([
    '#[Histogram log format version 1.3]',
    '#[StartTime: 1795453800.250 (seconds since epoch), 2026-11-23T17:10:00.250Z]',
    '#[Values are microseconds, Interval_Max is milliseconds]',
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    '',
  ]);
});

test('readHistogramLog gives what formatHistogramLogLine wrote', () => {
  const histogram = responseOf(120, 4_567_891);
  const interval = { tag: 'response', startSeconds: 3, lengthSeconds: 1.0014 };
  const line = formatHistogramLogLine(interval, histogram);
  expect(line).toMatch(/^Tag=response,3\.000,1\.001,4567\.891,HIST[A-Za-z0-9+/=]+\n$/);
  const [read] = readHistogramLog(logWith(HEADER + line));
  expect(read).toMatchObject({
    tag: 'response',
    startSeconds: 3,
    lengthSeconds: 1.001,
    max: 4567.891,
    logStartEpochSeconds: 1795453800.25,
  });
  expect(read?.histogram().encode()).toBe(histogram.encode());
});

test('readHistogramLog passes over comments, empty lines and legends anywhere', () => {
  const line = formatHistogramLogLine({ tag: null, startSeconds: 0, lengthSeconds: 1 }, responseOf(5));
  const path = logWith(`${line}# a remark, with a comma\n\n${HEADER}${line}`);
  expect([...readHistogramLog(path)].map(({ tag }) => tag)).toEqual([null, null]);
});

test('readHistogramLog drops a torn last line, wherever it was torn', () => {
  const line = formatHistogramLogLine(
    { tag: 'dial', startSeconds: 0, lengthSeconds: 1 },
    responseOf(5, 90_000),
  );
  for (let length = 1; length < line.length - 1; length++) {
    const read = [...readHistogramLog(logWith(HEADER + line + line.slice(0, length)))];
    expect(read.length, `torn after ${length} characters`).toBeLessThanOrEqual(2);
    for (const interval of read) expect(interval.histogram().count).toBe(2);
  }
  const log = readFileSync(JHICCUP, 'utf8');
  expect([...readHistogramLog(logWith(log.slice(0, -9)))]).toHaveLength(61);
});

test('readHistogramLog keeps a whole last line without its line feed', () => {
  const log = readFileSync(JHICCUP, 'utf8').trimEnd();
  expect([...readHistogramLog(logWith(log))]).toHaveLength(62);
});

test('readHistogramLog names file and line of a corrupt line in the middle', () => {
  const line = formatHistogramLogLine({ tag: 'dial', startSeconds: 0, lengthSeconds: 1 }, responseOf(5));
  const path = logWith(`${HEADER}${line}nonsense\n${line}`);
  expect(() => [...readHistogramLog(path)]).toThrow(
    expect.objectContaining({
      code: 'ERR_STORE',
      message: expect.stringMatching(
        /latency\.hlog:6: an interval must read .* it is "nonsense"$/,
      ) as unknown,
    }),
  );
});

test('HistogramLogInterval.histogram names file and line of damaged values', () => {
  const line = formatHistogramLogLine({ tag: 'dial', startSeconds: 0, lengthSeconds: 1 }, responseOf(5));
  const path = logWith(`${HEADER}${line.replace('HIST', 'HOST')}${line}`);
  const [damaged, sound] = readHistogramLog(path);
  expect(() => damaged?.histogram()).toThrow(/latency\.hlog:5: the histogram is damaged: starts with 0x/);
  expect(sound?.histogram().count).toBe(1);
});

test.each(['a,b', 'a b', ''])('formatHistogramLogLine refuses the tag "%s"', (tag) => {
  expect(() => formatHistogramLogLine({ tag, startSeconds: 0, lengthSeconds: 1 }, responseOf(5))).toThrow(
    'a tag has no comma',
  );
});
