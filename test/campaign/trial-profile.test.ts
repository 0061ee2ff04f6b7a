import { describe, expect, test } from 'vitest';

import { holdTrial, rateTrial, settlingTrial } from '../../src/campaign/trial-profile.ts';
import { sampleManifest } from '../support/sample-run.ts';

const { profile: BASE } = sampleManifest();
const TIMES = { measuredUs: 10_000_000, warmupUs: 1_000_000 };

describe('rateTrial', () => {
  test('sets the load and the times, and waits for what an overload leaves behind', () => {
    const trial = rateTrial(BASE, 20_000, TIMES);
    expect(trial).toMatchObject({ durationUs: 11_000_000, warmupUs: 1_000_000, stages: [] });
    expect(trial.load).toEqual({ ...BASE.load, ratePerSecond: null, totalRatePerSecond: 20_000 });
    expect(trial.timeouts).toEqual({ ...BASE.timeouts, drainUs: 22_000_000 });
    expect(trial.connections).toEqual(BASE.connections);
  });
});

describe('holdTrial', () => {
  test('leaves time for the dials, replaces no connection, and leaves no ports behind', () => {
    const trial = holdTrial(BASE, 5000, TIMES);
    expect(trial.durationUs).toBe(15_500_000);
    expect(trial.connections).toMatchObject({
      count: 5000,
      reconnect: 'none',
      lifetime: null,
      close: 'reset',
    });
  });

  test('has no more workers than connections', () => {
    expect(holdTrial(BASE, 1, TIMES).workers).toBe(1);
  });
});

describe('settlingTrial', () => {
  test('demands nothing and waits long', () => {
    const trial = settlingTrial({ ...BASE, thresholds: [] }, 'rate', 100);
    expect(trial).toMatchObject({ durationUs: 500_000, warmupUs: 0, thresholds: [] });
    expect(trial.timeouts.readUs).toBe(60_000_000);
  });
});
