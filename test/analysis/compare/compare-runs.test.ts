import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../../src/analysis/compare/compare-runs.ts';
import type { ComparedRun } from '../../../src/analysis/compare/compared-run.ts';
import type { Comparison, MetricResult } from '../../../src/analysis/compare/comparison.ts';
import { LatencyHistogram } from '../../../src/measure/latency-histogram.ts';
import { questionOf, RULES, syntheticRun } from '../../support/compared-runs.ts';
import { Recorder } from '../../../src/measure/recorder.ts';

function metric(comparison: Comparison, name: string): MetricResult {
  const found = comparison.metrics.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no metric ${name}`);
  return found;
}

/** Eight pairs; `of` gives what is special of each run. */
function eightPairs(of: (side: 'a' | 'b', pair: number) => Partial<Parameters<typeof syntheticRun>[0]>): {
  a: ComparedRun[];
  b: ComparedRun[];
} {
  const runs = (side: 'a' | 'b', first: number): ComparedRun[] =>
    Array.from({ length: 8 }, (_, pair) =>
      syntheticRun({ id: `${side}${pair}`, place: 2 * pair + first, ...of(side, pair) }),
    );
  return { a: runs('a', 0), b: runs('b', 1) };
}

/** A little scatter, the same in every test. */
const NOISE = [0.01, -0.012, 0.004, -0.003, 0.008, -0.006, 0.002, -0.009];

describe('compareRuns', () => {
  test('finds a release that is 20% slower, in each quantile, and its throughput the same', () => {
    const runs = eightPairs((side, pair) => ({
      slower: (side === 'b' ? 1.2 : 1) * (1 + (NOISE[pair] ?? 0)),
    }));
    const comparison = compareRuns(questionOf(runs));
    expect(comparison.verdict).toMatchObject({ word: 'worse', gates: true });
    const p99 = metric(comparison, 'response.p99');
    expect(p99.verdict).toBe('worse');
    expect(p99.change?.value).toBeCloseTo(0.2, 6);
    expect(metric(comparison, 'throughput.frames')).toMatchObject({ verdict: 'same', gate: false });
    expect(metric(comparison, 'response.p99.9')).toMatchObject({ verdict: 'worse', gate: false });
  });

  test.each([
    ['less time is better', { slower: 0.8 }, 'response.p50', 'better'],
    ['less throughput is worse', { throughput: 0.8 }, 'throughput.frames', 'worse'],
    ['more throughput is better', { throughput: 1.3 }, 'throughput.frames', 'better'],
    ['a change of less than delta is the same, however sure', { slower: 1.03 }, 'response.p50', 'same'],
    ['1% of the frames lost is worse', { lost: 4123 }, 'bad.ratio', 'worse'],
    ['a few frames lost are the same', { lost: 40 }, 'bad.ratio', 'same'],
  ])('%s', (_, ofB, name, verdict) => {
    const runs = eightPairs((side) => (side === 'b' ? ofB : {}));
    expect(metric(compareRuns(questionOf(runs)), name).verdict).toBe(verdict);
  });

  test('is inconclusive where runs scatter more than the change, and says how many pairs would settle it', () => {
    const runs = eightPairs((side, pair) => ({
      slower: (side === 'b' ? 1.06 : 1) * (1 + 8 * (NOISE[(pair * 3) % 8] ?? 0) * (side === 'a' ? 1 : -1)),
    }));
    const comparison = compareRuns(questionOf(runs));
    expect(comparison.verdict.word).toBe('inconclusive');
    const p50 = metric(comparison, 'response.p50');
    expect(p50.reason).toMatch(/interval|change/);
    expect(p50.pairsToSettle === null || p50.pairsToSettle > 8).toBe(true);
  });

  test('reports a quantile only where 100 values lie above it in each run', () => {
    const runs = eightPairs((side, pair) => ({ count: side === 'b' && pair === 3 ? 9999 : 10_000 }));
    const comparison = compareRuns(questionOf(runs));
    expect(metric(comparison, 'response.p90').verdict).toBe('same');
    expect(metric(comparison, 'response.p99')).toMatchObject({
      verdict: null,
      change: null,
      reason: 'needs 10,000 values in each run, the fewest are 9,999',
    });
    // It gates, so that nothing may be said as a whole.
    expect(comparison.verdict.word).toBe('inconclusive');
  });

  test('bounds the share of failures by the rule of three where there are none', () => {
    const few = (summary: Parameters<NonNullable<Parameters<typeof syntheticRun>[0]['change']>>[0]): void => {
      Object.assign(summary.frames, { sent: 10, matched: 10 });
      Object.assign(summary.dials, { attempted: 1, connected: 1 });
      summary.sessions = { 'closed-by-plan': 1 };
    };
    const sure = metric(compareRuns(questionOf(eightPairs(() => ({})))), 'bad.ratio');
    const unsure = metric(compareRuns(questionOf(eightPairs(() => ({ change: few })))), 'bad.ratio');
    expect(sure).toMatchObject({ a: 0, b: 0, verdict: 'same' });
    expect(sure.change?.high).toBeGreaterThan(0);
    expect(unsure.verdict).toBe('inconclusive');
    // -ln(0.05 / 3 / 2) of 96 ends on each side.
    expect(unsure.change?.high).toBeCloseTo(1 - (0.05 / 6) ** (1 / 96), 6);
  });

  test('leaves out pairs with a run that is not valid, and is invalid where too few are left', () => {
    const spoil = (pairs: number): Comparison =>
      compareRuns(
        questionOf(
          eightPairs((side, pair) =>
            side === 'b' && pair < pairs
              ? { change: ({ verdict }) => Object.assign(verdict, { valid: false, reasons: ['late'] }) }
              : {},
          ),
        ),
      );
    const one = spoil(1);
    expect(one.verdict.word).toBe('same');
    expect(one.design).toMatchObject({ planned: 8, used: 7 });
    expect(one.leftOut).toEqual([{ run: 'b0', side: 'b', reason: 'invalid: late' }]);
    expect(spoil(2).verdict).toMatchObject({ word: 'invalid' });
    expect(spoil(8).metrics).toEqual([]);
  });

  test('judges nothing that ended before its time, however clear it looks', () => {
    const runs = eightPairs((side) => ({ slower: side === 'b' ? 2 : 1 }));
    const comparison = compareRuns({ ...questionOf(runs), planned: 20, endedEarly: 'it broke off' });
    expect(comparison.verdict).toMatchObject({
      word: 'inconclusive',
      reasons: ['it broke off, after 8 of 20 pairs'],
    });
  });

  test('compares unpaired runs as groups, which fail nothing unless asked', () => {
    const runs = eightPairs((side, pair) => ({
      slower: (side === 'b' ? 1.3 : 1) * (1 + (NOISE[pair] ?? 0)),
    }));
    const question = { ...questionOf(runs), kind: 'unpaired' as const };
    expect(compareRuns(question).verdict).toMatchObject({ word: 'worse', gates: false });
    const rules = { ...RULES, gateUnpaired: true };
    expect(compareRuns({ ...question, rules }).verdict).toMatchObject({ word: 'worse', gates: true });
  });

  test('of one run a side tells the change without an interval', () => {
    const { a, b } = eightPairs((side) => ({ slower: side === 'b' ? 1.3 : 1 }));
    const comparison = compareRuns(questionOf({ a: a.slice(0, 1), b: b.slice(0, 1) }));
    expect(comparison.verdict.word).toBe('inconclusive');
    expect(metric(comparison, 'response.p50').change).toEqual({
      value: expect.closeTo(0.3, 6) as number,
      low: null,
      high: null,
    });
  });

  test('tells where in the distribution the change lies', () => {
    const histogram =
      (tail: number): (() => LatencyHistogram[]) =>
      () => {
        const recorder = new Recorder();
        for (let i = 0; i < 20_000; i++) recorder.record(i < 18_000 ? 100 : 100 * tail);
        const whole = new LatencyHistogram();
        const delta = recorder.take();
        if (delta !== null) whole.add(delta);
        return [whole];
      };
    const runs = eightPairs((side) => ({ count: 20_000, histograms: histogram(side === 'b' ? 3 : 2) }));
    const { shift } = compareRuns(questionOf(runs));
    const changes = new Map(shift.map(({ quantile, change }) => [quantile, change.value]));
    expect(changes.get(0.5)).toBe(0);
    expect(changes.get(0.95)).toBeCloseTo(0.5, 1);
    expect(changes.has(0.99)).toBe(true);
    expect(changes.has(0.999)).toBe(false);
  });
});
