import { describe, expect, test } from 'vitest';

import type { HealthFigures, ShardFigures } from '../../../src/coordinator/health/health-figures.ts';
import { levelOf, signalValues } from '../../../src/coordinator/health/health-signals.ts';
import { loopReading } from '../../support/loop-reading.ts';

const OPEN = { open: true, timed: true, judged: [true], slackUs: 0 };
const CLOSED = { open: false, timed: false, judged: [false], slackUs: 0 };
const BOUNDS = { warn: 0.01, invalid: 0.1 };

function shard(overrides: Partial<ShardFigures> = {}): ShardFigures {
  const { gc, ...reading } = loopReading();
  return { ...reading, gcPauseUs: gc.longestUs, ...overrides };
}

function figures(overrides: Partial<HealthFigures> = {}): HealthFigures {
  return {
    spanUs: 1e6,
    sends: 1000,
    lateSends: 0,
    lateLimitUs: 1000,
    sendLagP99Us: 100,
    responseP50Us: 200,
    responseP99Us: 400,
    shards: [shard()],
    machine: { stealShare: 0, pressureShare: 0.5 },
    sleptUs: null,
    ...overrides,
  };
}

describe('signalValues', () => {
  test('finds nothing in an undisturbed interval', () => {
    expect(signalValues(figures(), OPEN)).toEqual({
      lateSends: 0,
      sendLag: 0,
      unsent: null,
      shortfall: null,
      stall: 0,
      loopBusy: 0.1,
      loopDelay: 0,
      cpuWait: 0,
      gcPause: 0,
      sleep: null,
      steal: 0,
      pressure: 0.5,
      ceiling: null,
    });
  });

  test('tells the share of late sends, and what they are of the slowest responses', () => {
    const late = figures({ lateSends: 50, sendLagP99Us: 3000, responseP99Us: 4000 });
    expect(signalValues(late, OPEN)).toMatchObject({ lateSends: 0.05, sendLag: 0.75 });
  });

  test('does not speak of lateness where no send had a time of its own, or too few were sent', () => {
    const late = figures({ lateSends: 500, sendLagP99Us: 3000 });
    expect(signalValues(late, CLOSED)).toMatchObject({ lateSends: null, sendLag: null });
    expect(signalValues({ ...late, sends: 19 }, OPEN)).toMatchObject({ lateSends: null, sendLag: null });
  });

  test("takes the worst shard's word", () => {
    const shards = [shard(), shard({ stallUs: 60_000, gcPauseUs: 5000, busyUs: 930_000 })];
    expect(signalValues(figures({ shards }), OPEN)).toMatchObject({
      stall: 60_000,
      gcPause: 5000,
      loopBusy: 0.93,
    });
  });

  test('holds the round of a saturated loop against the response, and of no other loop', () => {
    const round = (busyUs: number): number | null =>
      signalValues(figures({ responseP50Us: 8000, shards: [shard({ busyUs, turns: 200 })] }), CLOSED)
        .loopDelay;
    expect(round(980_000)).toBeCloseTo(980_000 / 200 / 8000, 9);
    expect(round(940_000)).toBe(0);
  });

  test('takes a saturated loop that awaits no replies for all that holds frames back', () => {
    const delay = (busyUs: number): number | null =>
      signalValues(figures({ responseP50Us: null, shards: [shard({ busyUs })] }), CLOSED).loopDelay;
    expect(delay(990_000)).toBe(1);
    expect(delay(900_000)).toBe(0);
  });

  test('tells of the wait for a processor when it is a good part of the interval', () => {
    const waiting = (cpuUs: number, cpuWaitUs: number): number | null =>
      signalValues(figures({ shards: [shard({ cpuUs, cpuWaitUs })] }), CLOSED).cpuWait;
    expect(waiting(50_000, 450_000)).toBeCloseTo(0.9, 9);
    expect(waiting(10_000, 190_000)).toBe(0);
    expect(
      signalValues(figures({ shards: [shard({ cpuUs: null, cpuWaitUs: null })] }), CLOSED).cpuWait,
    ).toBeNull();
  });
});

describe('levelOf', () => {
  const RATE = { open: true, thresholds: false };
  const NOTHING = { open: false, thresholds: false };

  test.each([
    [null, 'ok'],
    [0.009, 'ok'],
    [0.01, 'warn'],
    [0.0999, 'warn'],
    [0.1, 'invalid'],
  ] as const)('makes of %s %s', (value, level) => {
    expect(levelOf('lateSends', value, BOUNDS, RATE)).toBe(level);
  });

  test('only warns of lateness where no rate was promised', () => {
    expect(levelOf('lateSends', 0.5, BOUNDS, NOTHING)).toBe('warn');
    expect(levelOf('cpuWait', 0.9, BOUNDS, NOTHING)).toBe('invalid');
  });

  test('only warns of a saturated loop where nothing hangs on its times', () => {
    const levels = [NOTHING, { ...NOTHING, thresholds: true }, RATE];
    expect(levels.map((promise) => levelOf('loopDelay', 0.9, BOUNDS, promise))).toEqual([
      'warn',
      'invalid',
      'invalid',
    ]);
  });

  test('knows bounds that are off', () => {
    expect(levelOf('pressure', 1, { warn: null, invalid: null }, RATE)).toBe('ok');
    expect(levelOf('pressure', 1, { warn: null, invalid: 0.5 }, RATE)).toBe('invalid');
  });
});
