import { describe, expect, test } from 'vitest';

import { CAPACITY_VERSION, type CapacityResult } from '../../src/analysis/capacity/capacity-result.ts';
import { renderCapacity } from '../../src/report/capacity-page.ts';
import { GOAL } from '../support/simulated-search.ts';

function sampleResult(overrides: Partial<CapacityResult> = {}): CapacityResult {
  return {
    version: CAPACITY_VERSION,
    tool: { name: 'tidemark', version: '0.1.0' },
    id: '2026-11-24T10-00-00Z-capacity-steady-1a2b',
    of: 'rate',
    startedAt: '2026-11-24T10:00:00.000Z',
    target: '127.0.0.1:4000',
    label: 'steady',
    goal: GOAL,
    trialSeconds: 10,
    warmupSeconds: 1,
    lossRatioMax: 0.001,
    limitUs: null,
    thresholds: ['response.p99 < 20ms'],
    seconds: 552,
    ending: 'found',
    bounds: { lower: 19_820, upper: 20_010, upperBy: 'target' },
    conditionalThroughput: 19_820,
    confirmation: { load: 19_820, trials: 14, passed: 14, shareAtLeast: 0.8074 },
    ladder: [row(10_000, 1, 1), row(19_820, 17, 17), row(20_010, 0, 5)],
    firstLimit: {
      load: 20_010,
      signs: [{ name: 'queueing', count: 100, firstSeconds: 2 }],
      reasons: [{ why: 'response.p99 < 20ms failed', trials: 5 }],
    },
    usl: { fitted: false, why: 'too few' },
    trials: [],
    notes: [],
    ...overrides,
  };
}

function row(load: number, passed: number, trials: number): CapacityResult['ladder'][number] {
  return {
    load,
    trials,
    passed,
    invalid: 0,
    goodPerSecond: load,
    lossRatio: 0,
    responseP50: 1000,
    responseP99: 5000,
    dialP99: 2000,
    failures: 0,
    little: null,
  };
}

function page(overrides: Partial<CapacityResult> = {}, plan = false): string {
  const question = { peak: 200_000, headroom: 0.3, spare: 1 };
  return renderCapacity(sampleResult(overrides), {
    color: false,
    directory: null,
    ...(plan ? { plan: question } : {}),
  });
}

describe('renderCapacity', () => {
  test('begins with the answer, its bounds and what is proven', () => {
    expect(page().split('\n').slice(0, 4)).toEqual([
      'CARRIES 19.82k frames/s  127.0.0.1:4000 within response.p99 < 20ms, at most 0.1% lost',
      'between 19.82k frames/s, which it carries, and 20.01k frames/s, which it does not',
      '14 of 14 confirming trials passed: at least 81% of 10s windows pass, 95% confidence',
      '0 trials of 10s in 9m12s',
    ]);
  });

  test('says which limit came first and how it showed', () => {
    expect(page()).toContain('first limit  at 20.01k frames/s: response.p99 < 20ms failed (5 trials)');
    expect(page()).toContain('frames queueing in the target, more and more (100 a trial, from 2s on)');
  });

  test('plans servers with the reasoning', () => {
    const text = page({}, true);
    expect(text).toContain('plan  16 servers for 200k frames/s with 30% headroom, one of which may be down');
    expect(text).toContain('rounded up to 15');
    expect(text).toContain('the bounds do not matter');
  });

  test.each<[string, Partial<CapacityResult>, string]>([
    [
      'a generator that gave out',
      { ending: 'ceiling', bounds: { lower: 19_820, upper: 20_010, upperBy: 'generator' }, firstLimit: null },
      'CARRIES AT LEAST 19.82k frames/s',
    ],
    [
      'the generator as the limit',
      { ending: 'ceiling', bounds: { lower: 19_820, upper: 20_010, upperBy: 'generator' }, firstLimit: null },
      'limited by the generator, not by the target',
    ],
    [
      'a search that found nothing',
      { ending: 'nothing', bounds: { lower: null, upper: 4, upperBy: 'target' }, confirmation: null },
      'DOES NOT EVEN CARRY 4 frames/s',
    ],
    [
      'an interrupt',
      { ending: 'interrupted', bounds: { lower: 8000, upper: 16_000, upperBy: 'target' } },
      'CARRIES AT LEAST 8000 frames/s',
    ],
    [
      'connections',
      { of: 'connections', usl: null, bounds: { lower: 12_400, upper: 12_600, upperBy: 'target' } },
      'CARRIES 12,400 connections',
    ],
  ])('tells of %s', (_, overrides, words) => {
    expect(page(overrides)).toContain(words);
  });

  test('tells of a law that the books break', () => {
    const little = { counted: 60, expected: 50, samples: 50, deviation: 0.2, tolerance: 0.05, ok: false };
    expect(page({ ladder: [{ ...row(10_000, 1, 1), little }] })).toContain(
      "Little's law does not hold at 10k",
    );
  });
});
