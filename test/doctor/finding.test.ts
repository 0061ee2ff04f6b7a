import { expect, test } from 'vitest';

import { planNeeds } from '../../src/doctor/finding.ts';
import { BUILT_IN_PLACE } from '../../src/doctor/target-place.ts';
import { load } from '../support/profile-sources.ts';

test('planNeeds takes from a profile what the machine must have', () => {
  const profile = load({
    sets: ['connections.count=500', 'workers=3', 'engine=node', 'timeouts.connect=2s'],
  });
  expect(planNeeds(profile, BUILT_IN_PLACE)).toEqual({
    connections: 500,
    concurrentDials: 100,
    connectTimeoutUs: 2e6,
    workers: 3,
    engine: 'node',
    sourceAddresses: 1,
    place: BUILT_IN_PLACE,
  });
});

test('planNeeds never has more dials in progress than connections', () => {
  const profile = load({ sets: ['connections.count=50', 'connections.concurrentDials=1000'] });
  expect(planNeeds(profile, BUILT_IN_PLACE).concurrentDials).toBe(50);
  const storm = load({ sets: ['connections.count=5000', 'connections.concurrentDials=all'] });
  expect(planNeeds(storm, BUILT_IN_PLACE).concurrentDials).toBe(5000);
});

test('planNeeds counts the source addresses that are of the family of the target', () => {
  const profile = load({ sets: ['connections.sourceIps=127.0.0.2,::1'] });
  expect(planNeeds(profile, BUILT_IN_PLACE).sourceAddresses).toBe(1);
  const two = load({ sets: ['connections.sourceIps=127.0.0.2,::1,127.0.0.3'] });
  expect(planNeeds(two, BUILT_IN_PLACE).sourceAddresses).toBe(2);
});
