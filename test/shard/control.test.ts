import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

import { Control, newControlBuffer } from '../../src/shard/control.ts';

test('Control says run until it is told to drain', () => {
  const buffer = newControlBuffer();
  const reader = new Control(buffer);
  expect(reader.command).toBe('run');
  new Control(buffer).command = 'drain';
  expect(reader.command).toBe('drain');
});

test('Control reaches a thread that takes no messages', async () => {
  const buffer = newControlBuffer();
  // The word's value is what `drain` is stored as; the thread spins without ever returning to its loop.
  const code = `
    const words = new Int32Array(require('node:worker_threads').workerData);
    require('node:worker_threads').parentPort.postMessage('spinning');
    while (Atomics.load(words, 0) === 0);
  `;
  const worker = new Worker(code, { eval: true, workerData: buffer });
  const exited = once(worker, 'exit');
  await once(worker, 'message');
  new Control(buffer).command = 'drain';
  expect(await exited).toEqual([0]);
});

test('Control hands every reader each change once, in order', () => {
  const buffer = newControlBuffer();
  const [writer, first] = [new Control(buffer), new Control(buffer)];
  expect(first.peek()).toBeNull();
  const changes = Array.from({ length: 3000 }, (_, index) => ({
    kind: (['rate', 'connections', 'hold'] as const)[index % 3] ?? 'rate',
    cohort: index % 5,
    atUs: 1e12 + index + 0.5,
    value: index,
  }));
  for (const change of changes) {
    writer.change(change);
    expect(first.peek()).toEqual(change);
    expect(first.peek()).toEqual(change);
    first.take();
    expect(first.peek()).toBeNull();
  }
});

test('Control lets a reader that was held up catch up', () => {
  const buffer = newControlBuffer();
  const [writer, reader] = [new Control(buffer), new Control(buffer)];
  for (let value = 0; value < 1000; value++) writer.change({ kind: 'rate', cohort: 0, atUs: value, value });
  for (let value = 0; value < 1000; value++) {
    expect(reader.peek()?.value).toBe(value);
    reader.take();
  }
  expect(reader.peek()).toBeNull();
});
