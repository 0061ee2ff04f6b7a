import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { readHistogramLog } from '../../src/store/histogram-log.ts';
import {
  intervalHistogram,
  readIntervalLines,
  readRecordLines,
  type IntervalLine,
} from '../../src/store/interval-line.ts';
import { continueRun, createRun, type RunWriter } from '../../src/store/run-writer.ts';
import { histogramsOf, sampleInterval, sampleManifest } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const NOTHING_OPEN = { connectionsOpen: 0, framesInFlight: 0, dialsInProgress: 0 };
const MIB = 1024 * 1024;

function manifestOf(maxDiskBytes: number): ReturnType<typeof sampleManifest> {
  const manifest = sampleManifest();
  return { ...manifest, profile: { ...manifest.profile, record: { maxDiskBytes } } };
}

/** A hundred times, other ones each second. */
function timesOf(index: number): number[] {
  return Array.from({ length: 100 }, (_, i) => 50 + ((index * 7919 + i * 104_729) % 200_000));
}

function intervalOf(index: number): Omit<IntervalLine, 'histograms'> {
  return { ...sampleInterval(index), counters: { framesSent: 100, framesMatched: index % 7 } };
}

async function feed(writer: RunWriter, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    writer.append(intervalOf(index), histogramsOf({ response: timesOf(index) }));
    if (index % 10 === 0) await setImmediate();
  }
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** Everything that must not change, however wide the intervals are. */
function totalsOf(directory: string): {
  counters: Record<string, number>;
  times: LatencyHistogram;
  counts: number;
} {
  const counters: Record<string, number> = {};
  let counts = 0;
  for (const line of readIntervalLines(join(directory, 'intervals.jsonl'))) {
    for (const [name, count] of Object.entries(line.counters)) counters[name] = (counters[name] ?? 0) + count;
    counts += line.histograms.response?.count ?? 0;
  }
  const times = new LatencyHistogram();
  for (const interval of readHistogramLog(join(directory, 'latency.hlog'))) times.merge(interval.histogram());
  return { counters, times, counts };
}

test('RunLog keeps a record within its room by widening old intervals, and loses no count and no time', async () => {
  const writer = createRun(scratchDirectory(), manifestOf(MIB));
  await feed(writer, 0, 6000);
  expect(writer.stop).toBeNull();
  expect(sizeOf(writer.directory)).toBeLessThan(MIB);
  const widths = writer.widths.map(({ widthSeconds }) => widthSeconds);
  expect(widths.at(-1)).toBe(1);
  expect(widths).toEqual(widths.toSorted((a, b) => b - a));
  expect(widths.length).toBeGreaterThan(2);
  writer.close();

  const whole = new LatencyHistogram();
  for (let index = 0; index < 6000; index++) {
    whole.merge(histogramsOf({ response: timesOf(index) }).get('response') ?? new LatencyHistogram());
  }
  const { counters, times, counts } = totalsOf(writer.directory);
  expect(counters['framesSent']).toBe(600_000);
  expect(counts).toBe(600_000);
  expect(times.count).toBe(600_000);
  for (const percentile of [1, 50, 99, 99.9]) {
    expect(times.percentileUs(percentile)).toBe(whole.percentileUs(percentile));
  }
});

test('RunLog widens to intervals that follow one another, with the percentiles of their merged times', async () => {
  const writer = createRun(scratchDirectory(), manifestOf(MIB));
  await feed(writer, 0, 3000);
  writer.close();
  const lines = [...readIntervalLines(join(writer.directory, 'intervals.jsonl'))];
  let index = 0;
  for (const line of lines) {
    expect(line.index).toBe(index);
    expect(line.startSeconds).toBe(index);
    index += line.merged ?? 1;
    expect(line.endSeconds).toBe(index);
  }
  expect(index).toBe(3000);
  const wide = lines.find(({ merged }) => merged === 5);
  expect(wide).toBeDefined();
  const first = wide?.index ?? 0;
  const times = histogramsOf({ response: [0, 1, 2, 3, 4].flatMap((offset) => timesOf(first + offset)) });
  const numbers = intervalHistogram(times.get('response') ?? new LatencyHistogram());
  expect(wide?.histograms.response).toEqual({ ...numbers, mean: expect.closeTo(numbers?.mean ?? 0, 6) });
});

test('RunLog.continue goes on where a kill left it: halves of lines and of widened files are dropped', async () => {
  const writer = createRun(scratchDirectory(), manifestOf(MIB));
  await feed(writer, 0, 2000);
  writer.close();
  const { directory } = writer;
  appendFileSync(join(directory, 'intervals.jsonl'), '{"index":2000,"startSec');
  const log = join(directory, 'latency.hlog');
  const whole = readFileSync(log, 'utf8');
  const last = whole.slice(whole.lastIndexOf('Tag=response,1999.000'));
  // The times of an interval whose line did not come, and the half of a line.
  appendFileSync(log, `${last.replace('1999.000', '2000.000')}Tag=sendLag,2000.000,1.000,0.5,HISTFAA`);
  appendFileSync(join(directory, 'intervals.jsonl.widened'), '{}');
  const again = continueRun(directory, manifestOf(MIB));
  expect(readFileSync(log, 'utf8')).toBe(whole);
  again.appendGap({ startSeconds: 2000, endSeconds: 2100, why: 'it broke off', ...NOTHING_OPEN });
  await feed(again, 2100, 4000);
  expect(again.stop).toBeNull();
  again.close();
  expect(sizeOf(directory)).toBeLessThan(MIB);
  expect(existsSync(join(directory, 'intervals.jsonl.widened'))).toBe(false);
  expect(totalsOf(directory).counters['framesSent']).toBe(390_000);
  const gaps = [...readRecordLines(join(directory, 'intervals.jsonl'))].filter((line) => 'gap' in line);
  expect(gaps).toHaveLength(1);
  const acrossGap = [...readIntervalLines(join(directory, 'intervals.jsonl'))].filter(
    ({ startSeconds, endSeconds }) => startSeconds < 2050 && endSeconds > 2050,
  );
  expect(acrossGap).toEqual([]);
});

test('RunLog never joins intervals of two phases', async () => {
  const writer = createRun(scratchDirectory(), manifestOf(MIB));
  for (let index = 0; index < 2000; index++) {
    const phase = index < 333 ? 'warmup' : 'measure';
    writer.append({ ...intervalOf(index), phase }, histogramsOf({ response: timesOf(index) }));
    if (index % 10 === 0) await setImmediate();
  }
  writer.close();
  const lines = [...readIntervalLines(join(writer.directory, 'intervals.jsonl'))];
  expect(lines.some(({ merged }) => merged === 5)).toBe(true);
  expect(lines.findLast(({ phase }) => phase === 'warmup')?.endSeconds).toBe(333);
  expect(lines.find(({ phase }) => phase === 'measure')?.startSeconds).toBe(333);
});

test('RunWriter stops the record, once, when the disk refuses, and says where', () => {
  const stops: unknown[] = [];
  const writer = createRun(scratchDirectory(), manifestOf(256 * 1024 + 2000), {
    stopped: (stop) => stops.push(stop),
  });
  for (let index = 0; index < 20; index++) {
    writer.append(intervalOf(index), histogramsOf({ response: timesOf(index) }));
  }
  expect(stops).toEqual([writer.stop]);
  expect(writer.stop?.why).toContain('record.maxDisk');
  writer.close();
  const stored = [...readIntervalLines(join(writer.directory, 'intervals.jsonl'))];
  expect(stored.at(-1)?.endSeconds).toBe(writer.stop?.atSeconds);
});

test('RunWriter.keep writes a checkpoint beside the run, and finish takes it away', async () => {
  const writer = createRun(scratchDirectory(), sampleManifest());
  writer.append(sampleInterval(0), histogramsOf({}));
  const path = join(writer.directory, 'checkpoint.json');
  writer.keep(1, () => ({ version: 1, index: 0 }) as never);
  while (!existsSync(path)) await setImmediate();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, index: 0 });
  writer.keep(2, () => {
    throw new Error('not yet: ten seconds have not passed');
  });
  writer.close();
});

test('RunWriter.keep goes on with a record that had stopped, when the disk takes it again, and says what it lacks', async () => {
  const told: unknown[] = [];
  const writer = createRun(scratchDirectory(), sampleManifest(), {
    stopped: ({ atSeconds }) => told.push(`stopped at ${atSeconds}`),
    wentOn: (gap) => told.push(gap),
  });
  const { directory } = writer;
  const second = async (index: number): Promise<void> => {
    writer.append(sampleInterval(index), histogramsOf({ response: [100] }));
    writer.keep(index + 1, () => ({ version: 1, index }) as never);
    await writer.settled();
  };
  // No checkpoint can be written beside a directory of that name.
  const obstacle = join(directory, 'checkpoint.json.unfinished');
  mkdirSync(obstacle);
  for (let index = 0; index < 15; index++) await second(index);
  expect(told).toEqual(['stopped at 1']);
  rmdirSync(obstacle);
  for (let index = 15; index < 25; index++) await second(index);
  const gap = { startSeconds: 1, endSeconds: 21, unstored: true, ...NOTHING_OPEN };
  expect(told).toEqual(['stopped at 1', { ...gap, why: expect.stringContaining('Cannot write') }]);
  expect(writer.gaps).toEqual([told[1]]);
  expect(writer.stop).toBeNull();
  expect(JSON.parse(readFileSync(join(directory, 'checkpoint.json'), 'utf8'))).toMatchObject({ index: 20 });
  const lines = [...readRecordLines(join(directory, 'intervals.jsonl'))];
  expect(lines.map((line) => ('gap' in line ? 'gap' : line.interval.index))).toEqual([
    0,
    'gap',
    21,
    22,
    23,
    24,
  ]);
  writer.close();
});

test('RunWriter.settled: nothing is written into a run that has closed', async () => {
  const writer = createRun(scratchDirectory(), sampleManifest());
  writer.append(sampleInterval(0), histogramsOf({}));
  writer.keep(1, () => ({ version: 1, index: 0 }) as never);
  writer.close();
  await writer.settled();
  const files = readdirSync(writer.directory);
  expect(files.filter((name) => name.startsWith('checkpoint'))).toEqual([]);
});
