import { expect, test } from 'vitest';

import { sendingPlan } from '../../../src/coordinator/health/run-health.ts';
import type { LoadPlan, SessionPlan } from '../../../src/session/session-plan.ts';
import { sessionPlan } from '../../support/shard-run.ts';

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
