import { expect, test } from 'vitest';

import { ENGINES } from '../support/shard-run.ts';
import { impliedResponseUs, runThroughFreeze } from './freeze-run.ts';

/** What is left of 2 s in 30 s; test/long has the whole, with closer bounds. */
const PLAN = { durationMs: 4000, freezeMs: 500, freezeAtMs: 1500, ratePerSecond: 500 };
/** How much later than at once a busy machine may thaw and catch up. */
const LATE_US = 150_000;

test.each(ENGINES.filter(({ missing }) => missing === null))(
  'a freeze is in the response times of every frame that was due in it, and in no service time but of those in flight ($engine engine)',
  async ({ engine }) => {
    const { frames, histograms } = await runThroughFreeze(engine, PLAN);
    expect(frames.matched).toBe(frames.sent);
    expect(frames.sent + frames.unsent).toBe(2000);
    const { response, service } = histograms;
    const figures = [
      [response.p99, 0.99],
      [response.p999, 0.999],
      [response.max, 1],
    ] as const;
    for (const [observedUs, quantile] of figures) {
      const impliedUs = impliedResponseUs(PLAN, quantile);
      expect(observedUs).toBeGreaterThan(impliedUs * 0.98);
      expect(observedUs).toBeLessThan(impliedUs + LATE_US);
    }
    expect(service.p99).toBeLessThan(impliedResponseUs(PLAN, 0.99) / 2);
  },
  20_000,
);
