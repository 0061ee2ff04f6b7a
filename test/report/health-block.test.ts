import { describe, expect, test } from 'vitest';

import { healthLines } from '../../src/report/health-block.ts';
import { createPaint } from '../../src/report/paint.ts';
import type { Health, HealthSignal } from '../../src/store/health-summary.ts';
import { sampleSummary } from '../support/sample-run.ts';

const PAINT = createPaint(false);
const HEALTH: Health = sampleSummary().health;

function signal(overrides: Partial<HealthSignal>): HealthSignal {
  return {
    name: 'stall',
    value: 1_990_000,
    worst: 990_000,
    unit: 'us',
    ok: false,
    level: 'invalid',
    warn: 50_000,
    invalid: 200_000,
    intervalsWarned: 1,
    intervalsInvalid: 2,
    advice: 'a loop stood still',
    ...overrides,
  };
}

function lines(overrides: Partial<Health>): string[] {
  return healthLines({ health: { ...HEALTH, ...overrides } }, PAINT);
}

describe('healthLines', () => {
  test('is one line where nothing speaks', () => {
    const busy = signal({
      name: 'loopBusy',
      unit: 'share',
      value: 0.057,
      level: 'ok',
      ok: true,
      advice: null,
    });
    expect(lines({ signals: [busy] })).toEqual([
      'health 1.00  the generator kept out of the way in all 9 intervals, busiest loop 5.7% busy',
    ]);
  });

  test('is a table of what speaks, and a sentence for each', () => {
    const late = signal({
      name: 'lateSends',
      unit: 'share',
      value: 0.2,
      worst: 0.96,
      warn: 0.01,
      invalid: null,
    });
    const text = lines({
      score: 0.755,
      signals: [signal({}), { ...late, level: 'warn', advice: 'too late' }],
      intervals: { judged: 10, warned: 1, invalid: 2, invalidShare: 0.2 },
    });
    expect(text).toEqual([
      'health 0.75  the generator was disturbed: of 10 intervals 2 invalid, 1 with a warning',
      'signal       run  worst  warns at  invalid at  warned  invalid',
      'stall      1.99s  990ms      50ms       200ms       1        2  invalid',
      'lateSends    20%    96%        1%         off       1        2  warn',
      'stall: a loop stood still',
      'lateSends: too late',
    ]);
  });

  test('tells what was calibrated', () => {
    const noise = { sendLagP50: 70, sendLagP99: 1790, responseP50: 102, responseP99: 2355 };
    const headroom = {
      ceilingFramesPerSecond: 171_620,
      used: 0.1234,
      left: 0.8766,
      calibratedAt: '2026-11-24T11:01:08.905Z',
      noise,
    };
    expect(lines({ headroom })[1]).toBe(
      'used 12% of the calibrated ceiling of 172k frames/s; its noise floor: response p50 102us, p99 2.35ms',
    );
  });

  test('says nothing of a run that was not judged', () => {
    expect(lines({ score: null })).toEqual([]);
  });
});
