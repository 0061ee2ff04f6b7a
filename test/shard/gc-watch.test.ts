import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { LateGcWatch, ObservedGcWatch } from '../../src/shard/gc-watch.ts';

function makeGarbage(): void {
  let kept: object[] = [];
  for (let i = 0; i < 2_000_000; i++) {
    kept.push({ i });
    if (kept.length > 50_000) kept = [];
  }
}

test('ObservedGcWatch sees the pauses of a thread, and each of them once', async () => {
  const watch = new ObservedGcWatch();
  makeGarbage();
  await setTimeout(100);
  const pauses = watch.take();
  expect(pauses.count).toBeGreaterThan(0);
  expect(pauses.longestUs).toBeGreaterThan(0);
  expect(pauses.totalUs).toBeGreaterThanOrEqual(pauses.longestUs);
  expect(watch.take().totalUs).toBeLessThan(pauses.totalUs);
  watch.stop();
});

test('LateGcWatch takes a late loop for a pause where the heap has shrunk, and tells it once', () => {
  let bytes = 5000;
  const watch = new LateGcWatch(() => bytes);
  bytes = 6000;
  watch.late(30_000);
  expect(watch.take()).toEqual({ count: 0, totalUs: 0, longestUs: 0 });
  bytes = 4000;
  watch.late(12_000);
  bytes = 3000;
  watch.late(8000);
  expect(watch.take()).toEqual({ count: 2, totalUs: 20_000, longestUs: 12_000 });
  expect(watch.take().count).toBe(0);
});
