import { expect, test } from 'vitest';

import { GcWatch } from '../../src/shard/gc-watch.ts';

test('GcWatch sees pauses of a thread that never returns to its loop, and each of them once', () => {
  const watch = new GcWatch();
  let kept: object[] = [];
  for (let i = 0; i < 2_000_000; i++) {
    kept.push({ i });
    if (kept.length > 50_000) kept = [];
  }
  const pauses = watch.take();
  expect(pauses.count).toBeGreaterThan(0);
  expect(pauses.longestUs).toBeGreaterThan(0);
  expect(pauses.totalUs).toBeGreaterThanOrEqual(pauses.longestUs);
  expect(watch.take().totalUs).toBeLessThan(pauses.totalUs);
  watch.stop();
});
