import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { describe, expect, test } from 'vitest';

import { ManualClock, monotonicClock, wallClockOffsetUs } from '../../src/base/clock.ts';

describe('monotonicClock', () => {
  test('never goes back, and is near to the clock of the machine', () => {
    const clock = monotonicClock();
    const before = Number(process.hrtime.bigint()) / 1000;
    const readings = Float64Array.from({ length: 100_000 }, () => clock.nowUs());
    const after = Number(process.hrtime.bigint()) / 1000;
    expect(readings).toEqual(readings.toSorted());
    expect(readings.at(0)).toBeGreaterThanOrEqual(before - CLOCK_US_ERROR);
    expect(readings.at(-1)).toBeLessThanOrEqual(after + CLOCK_US_ERROR);
  });

  test('agrees between clocks that are made at different times', () => {
    const first = monotonicClock();
    for (let i = 0; i < 200; i++) {
      const clock = monotonicClock();
      const before = first.nowUs();
      const between = clock.nowUs();
      const after = first.nowUs();
      expect(between).toBeGreaterThanOrEqual(before - CLOCK_US_ERROR);
      expect(between).toBeLessThanOrEqual(after + CLOCK_US_ERROR);
    }
  });

  test('of a worker thread, made as the first thing there, reads between two readings of this thread', async () => {
    const clock = monotonicClock();
    const readings = await Promise.all(Array.from({ length: 4 }, () => readInWorker(() => clock.nowUs())));
    for (const { beforeUs, workerUs, afterUs } of readings.flat()) {
      expect(workerUs).toBeGreaterThanOrEqual(beforeUs - CLOCK_US_ERROR);
      expect(workerUs).toBeLessThanOrEqual(afterUs + CLOCK_US_ERROR);
    }
  });
});

test('wallClockOffsetUs leads from the monotonic clock to the wall clock', () => {
  const clock = monotonicClock();
  const offsetUs = wallClockOffsetUs(clock);
  const beforeMs = Date.now();
  const wallUs = clock.nowUs() + offsetUs;
  const afterMs = Date.now();
  expect(wallUs).toBeGreaterThan((beforeMs - 1) * 1000);
  expect(wallUs).toBeLessThan((afterMs + 2) * 1000);
});

describe('ManualClock', () => {
  test('stands still until it is moved', () => {
    const clock = new ManualClock(5);
    expect([clock.nowUs(), clock.nowUs()]).toEqual([5, 5]);
    clock.advance(2.5);
    expect(clock.nowUs()).toBe(7.5);
    expect(new ManualClock().nowUs()).toBe(0);
  });
});

interface Reading {
  beforeUs: number;
  workerUs: number;
  afterUs: number;
}

/** Asks a worker for its time by a word in shared memory, so that the two readings of this thread lie close. */
async function readInWorker(nowUs: () => number): Promise<Reading[]> {
  const shared = new SharedArrayBuffer(16);
  const turn = new Int32Array(shared, 0, 1);
  const time = new Float64Array(shared, 8, 1);
  const worker = new Worker(READER, { eval: true, workerData: { shared, clock: CLOCK, readings: READINGS } });
  await once(worker, 'message');
  const readings: Reading[] = [];
  for (let i = 0; i < READINGS; i++) {
    const beforeUs = nowUs();
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
    Atomics.wait(turn, 0, 1);
    readings.push({ beforeUs, workerUs: time.at(0) ?? Number.NaN, afterUs: nowUs() });
  }
  await worker.terminate();
  return readings;
}

const READINGS = 20;
/** The built clock: Node cannot load TypeScript in a worker. `npm test` has built it. */
const CLOCK = new URL('../../dist/base/clock.js', import.meta.url).href;
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.clock).then(({ monotonicClock }) => {
    const clock = monotonicClock();
    const turn = new Int32Array(workerData.shared, 0, 1);
    const time = new Float64Array(workerData.shared, 8, 1);
    parentPort.postMessage('ready');
    for (let i = 0; i < workerData.readings; i++) {
      Atomics.wait(turn, 0, 0);
      time[0] = clock.nowUs();
      Atomics.store(turn, 0, 0);
      Atomics.notify(turn, 0);
    }
  });
`;
/** Two readings that were meant to be of one moment lie so far apart at most. */
const CLOCK_US_ERROR = 20;
