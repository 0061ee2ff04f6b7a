import { expect, test } from 'vitest';
import { remainingPlan } from '../../src/coordinator/remaining-plan.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

function profileOf(flags: Record<string, unknown>): Profile {
  return loadProfile({ name: 'test', text: null, file: null }, {}, flags, []);
}

test('remainingPlan leaves a plan without stages as it is, but for the time that is done', () => {
  const profile = profileOf({ duration: '60s', warmup: '10s', totalRate: '100/s', connections: '7' });
  expect(remainingPlan(profile, 20_000_000)).toEqual({ ...profile, durationUs: 40_000_000 });
});

test('remainingPlan warms up again, in half of what is left at most', () => {
  const profile = profileOf({ duration: '60s', warmup: '10s' });
  expect(remainingPlan(profile, 52_000_000)).toMatchObject({ durationUs: 8_000_000, warmupUs: 4_000_000 });
});

test.each([
  { doneSeconds: 0, rate: 0, connections: 10, left: [10, 10, 10] },
  { doneSeconds: 5, rate: 50, connections: 10, left: [5, 10, 10] },
  { doneSeconds: 10, rate: 100, connections: 10, left: [10, 10] },
  { doneSeconds: 15, rate: 100, connections: 15, left: [5, 10] },
  { doneSeconds: 25, rate: 150, connections: 20, left: [5] },
])(
  'remainingPlan goes on at $rate/s with $connections connections after $doneSeconds s of stages',
  ({ doneSeconds, rate, connections, left }) => {
    const profile = profileOf({ connections: '10', stage: ['10s:100/s', '10s:20', '10s:200/s'] });
    const plan = remainingPlan(profile, doneSeconds * 1e6);
    expect(plan.load).toMatchObject({ ratePerSecond: null, totalRatePerSecond: rate });
    expect(plan.connections.count).toBe(connections);
    expect(plan.stages.map(({ durationUs }) => durationUs / 1e6)).toEqual(left);
    expect(plan.durationUs).toBe((30 - doneSeconds) * 1e6);
  },
);

test('remainingPlan goes on with the stages of each cohort', () => {
  const text =
    'duration: 20s\ncohorts:\n  a: { stages: [{ duration: 20s, rate: 100/s }] }\n  b: { load: { totalRate: 5/s } }\n';
  const profile = loadProfile({ name: 'test', text, file: null }, {}, {}, []);
  const [a, b] = remainingPlan(profile, 10_000_000).cohorts;
  expect(a?.load.totalRatePerSecond).toBe(50);
  expect(a?.stages).toMatchObject([{ durationUs: 10_000_000, ratePerSecond: 100 }]);
  expect(b).toEqual(profile.cohorts[1]);
});
