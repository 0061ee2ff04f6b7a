import { expect, test } from 'vitest';

import { ENGINES } from '../support/shard-run.ts';
import { BASE_LOAD } from './expectation.ts';
import { faultRun } from './fault-run.ts';

const RUNNABLE = ENGINES.filter(({ missing }) => missing === null);

test.each(RUNNABLE)(
  '$engine: a target that goes silent is found half-open by the read timeout',
  async ({ engine }) => {
    const load = { ...BASE_LOAD, readTimeout: '300ms' };
    const { summary } = await faultRun(engine, { faults: ['never-reply@50%'], load });
    const { halfOpen, sessions, histograms } = summary;
    expect(halfOpen.found).toBeGreaterThan(0);
    expect(halfOpen.found).toBe(sessions['read-timeout']);
    expect(halfOpen.byDetector).toEqual([
      {
        detector: 'read-timeout',
        count: halfOpen.found,
        p50: histograms.detect.p50,
        max: histograms.detect.max,
      },
    ]);
    expect(halfOpen.byDetector[0]?.p50).toBeGreaterThanOrEqual(299_000);
  },
);

test.each(RUNNABLE)(
  '$engine: idle connections that fell silent are found by their heartbeats',
  async ({ engine }) => {
    const load = {
      connections: '4',
      payload: '64B',
      rate: '1/s',
      duration: '3s',
      heartbeat: '100ms',
      heartbeatTimeout: '200ms',
      readTimeout: '20s',
    };
    const { summary } = await faultRun(engine, { faults: ['never-reply'], load });
    const { halfOpen, histograms } = summary;
    expect(halfOpen.byDetector).toMatchObject([{ detector: 'heartbeat-missed', count: 4 }]);
    expect(halfOpen.found).toBe(histograms.detect.count);
    expect(halfOpen.byDetector[0]?.max).toBeLessThan(3_000_000);
  },
);
