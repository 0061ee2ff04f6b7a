import { describe, expect, test } from 'vitest';

import { impliedResponseUs, runThroughFreeze } from '../fault/freeze-run.ts';
import { ENGINES } from '../support/shard-run.ts';

const PLAN = { durationMs: 30_000, freezeMs: 2000, freezeAtMs: 12_000, ratePerSecond: 1000 };
/** How far the figures may be from what the schedule implies. */
const TOLERANCE = 0.02;

describe('a target that freezes for 2 s in a run of 30 s at 1000 frames/s', () => {
  test.each(ENGINES.filter(({ missing }) => missing === null))(
    'has the response times that the schedule implies, and its usual service times ($engine engine)',
    async ({ engine }) => {
      const undisturbed = await runThroughFreeze(engine, { ...PLAN, durationMs: 5000, freezeAtMs: 60_000 });
      const { histograms } = await runThroughFreeze(engine, PLAN);
      const { response, service } = histograms;
      for (const [observedUs, quantile] of [
        [response.p99, 0.99],
        [response.p999, 0.999],
        [response.max, 1],
      ] as const) {
        const impliedUs = impliedResponseUs(PLAN, quantile);
        expect(Math.abs((observedUs ?? 0) - impliedUs) / impliedUs).toBeLessThan(TOLERANCE);
      }
      // Four frames of 30,000 were in flight: far from the hundredth part that p99 leaves out.
      expect(service.p99).toBeLessThan(3 * (undisturbed.histograms.service.p99 ?? 0) + 1000);
    },
    90_000,
  );
});
