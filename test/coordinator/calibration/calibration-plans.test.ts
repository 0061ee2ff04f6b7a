import { expect, test } from 'vitest';

import { calibrationPlans } from '../../../src/coordinator/calibration/calibration-plans.ts';
import type { Profile } from '../../../src/profile/profile.ts';
import { load } from '../../support/profile-sources.ts';

const TARGET = '127.0.0.1:7000';
const GIVEN: Profile = load({
  flags: {
    target: '10.0.0.1:80',
    connections: '2k',
    connectRate: '10/s',
    totalRate: '20k/s',
    duration: '1h',
    payload: '1KiB',
    reconnect: 'immediate',
    heartbeat: '10s',
  },
});

test('calibrationPlans keep the frames and leave the target, the load and the time to the calibration', () => {
  const { ceiling, dials, noise } = calibrationPlans(GIVEN, TARGET);
  for (const plan of [ceiling, dials, noise(1e5)]) {
    expect(plan).toMatchObject({
      target: TARGET,
      payload: GIVEN.payload,
      frame: GIVEN.frame,
      heartbeat: null,
    });
    expect(plan.connections).toMatchObject({ ratePerSecond: null, rampUs: null });
    expect(plan).toMatchObject({ stages: [], thresholds: [] });
    expect(plan.health.verdict).toBe('report');
    expect(plan.durationUs).toBeLessThanOrEqual(4e6);
  }
});

test('calibrationPlans find the ceiling in a closed loop, and dials by short connections that leave no port behind', () => {
  const { ceiling, dials } = calibrationPlans(GIVEN, TARGET);
  expect(ceiling.connections).toMatchObject({ count: 2000, reconnect: 'none' });
  expect(ceiling.load).toMatchObject({
    window: 1,
    thinkUs: 0,
    ratePerSecond: null,
    totalRatePerSecond: null,
  });
  expect(dials.connections).toMatchObject({
    count: 50,
    lifetime: { kind: 'frames', count: 1 },
    reconnect: 'immediate',
    close: 'reset',
  });
});

test('calibrationPlans hear the noise at a rate that is no load, however slow the frames', () => {
  const { noise } = calibrationPlans(GIVEN, TARGET);
  expect(noise(170_000).load).toMatchObject({ window: null, totalRatePerSecond: 1000 });
  expect(noise(4000).load.totalRatePerSecond).toBe(200);
  expect(noise(10).load.totalRatePerSecond).toBe(50);
});
