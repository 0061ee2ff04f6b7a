import { expect, test } from 'vitest';

import { ENGINES } from '../support/shard-run.ts';
import { faultRun } from '../fault/fault-run.ts';

const RUNNABLE = ENGINES.filter(({ missing }) => missing === null);

test.each(RUNNABLE)('$engine: response times are told by the age of the connection', async ({ engine }) => {
  const load = { connections: '4', totalRate: '200/s', duration: '66s', warmup: '1s' };
  const { summary } = await faultRun(engine, { faults: [], load });
  const { byAge, histograms, frames } = summary;
  expect(byAge.map(({ fromSeconds, toSeconds }) => [fromSeconds, toSeconds])).toEqual([
    [0, 60],
    [60, 600],
  ]);
  const counts = byAge.map(({ response }) => response.count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(histograms.response.count);
  expect(histograms.response.count).toBe(frames.matched - frames.matchedInWarmup);
  // From the age of a minute to the end of the run: five seconds, and up to an interval less.
  expect(counts[1]).toBeGreaterThan(3.5 * 200);
  expect(counts[1]).toBeLessThan(6.5 * 200);
});
