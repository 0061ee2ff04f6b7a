import { expect, test } from 'vitest';

import { calibrationKey } from '../../../src/coordinator/calibration/calibration-key.ts';
import { createHealthMonitor, judgeTotals, sendingPlan } from '../../../src/coordinator/health/run-health.ts';
import { RunTotals } from '../../../src/coordinator/run-totals.ts';
import { COUNTER } from '../../../src/measure/counters.ts';
import type { LoadPlan, SessionPlan } from '../../../src/session/session-plan.ts';
import { sampleCalibration } from '../../support/sample-calibration.ts';
import { sampleManifest } from '../../support/sample-run.ts';
import { sessionPlan, shardPlan } from '../../support/shard-run.ts';

const OPEN: LoadPlan = { model: 'open', totalRatePerSecond: 100, window: null };
const CLOSED: LoadPlan = { model: 'closed', window: 1, thinkUs: 0 };
const THINKING: LoadPlan = { model: 'closed', window: 1, thinkUs: 1000 };

function session(load: LoadPlan, paceGridUs: number = 0): SessionPlan {
  return sessionPlan({ family: 4, host: '127.0.0.1', port: 1 }, { load, paceGridUs });
}

test.each([
  ['a rate', [OPEN], { open: true, timed: true, judged: [true] }],
  ['a closed loop', [CLOSED], { open: false, timed: false, judged: [false] }],
  ['a think time', [THINKING], { open: false, timed: true, judged: [true] }],
  [
    'a rate beside others',
    [CLOSED, OPEN, THINKING],
    { open: true, timed: true, judged: [false, true, false] },
  ],
])('sendingPlan judges the lateness of %s', (_, loads, expected) => {
  expect(
    sendingPlan(
      loads.map((load) => session(load)),
      'epoll',
    ),
  ).toEqual({ ...expected, slackUs: 0 });
});

test('sendingPlan allows for the pacing of what it judges, and for timers that count in milliseconds', () => {
  const sessions = [session(CLOSED, 1000), session(OPEN, 250)];
  expect(sendingPlan(sessions, 'epoll').slackUs).toBe(250);
  expect(sendingPlan(sessions, 'node').slackUs).toBe(1250);
});

function totalsOf(counts: readonly [keyof typeof COUNTER, number][]): RunTotals {
  const totals = new RunTotals(1);
  for (const [name, count] of counts) {
    totals.counters[COUNTER[name]] = count;
    totals.measured[COUNTER[name]] = count;
  }
  totals.measuredUs = 2e6;
  return totals;
}

test('judgeTotals charges nobody with frames that were due before their connection was up', () => {
  const manifest = sampleManifest();
  const monitor = createHealthMonitor(manifest.profile, shardPlan(session(OPEN)));
  const totals = totalsOf([
    ['framesSent', 9000],
    ['framesUnsent', 3000],
    ['unsent:connecting', 2000],
    ['unsent:generator', 100],
  ]);
  const { health } = judgeTotals(monitor, totals, manifest, []);
  expect(health.headroom).toBeNull();
  expect(health.signals.find(({ name }) => name === 'shortfall')?.value).toBe(0.1);
  expect(health.signals.find(({ name }) => name === 'unsent')?.value).toBe(0.01);
});

test('judgeTotals holds a run against the calibration of its own shape alone', () => {
  const manifest = sampleManifest();
  const monitor = createHealthMonitor(manifest.profile, shardPlan(session(CLOSED)));
  const totals = totalsOf([['framesMatched', 300_000]]);
  const { profile, engine, tool } = manifest;
  const own = { ...sampleCalibration(), ...calibrationKey(profile, engine, tool) };
  const { health } = judgeTotals(monitor, totals, manifest, [sampleCalibration(), own]);
  expect(health.headroom).toMatchObject({ ceilingFramesPerSecond: 171_620, used: 150_000 / 171_620 });
  expect(health.signals.find(({ name }) => name === 'ceiling')).toMatchObject({ level: 'warn' });
  expect(judgeTotals(monitor, totals, manifest, [sampleCalibration()]).health.headroom).toBeNull();
});
