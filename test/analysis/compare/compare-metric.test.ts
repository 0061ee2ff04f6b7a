import { describe, expect, test } from 'vitest';
import { compareMetric, valuesNeeded } from '../../../src/analysis/compare/compare-metric.ts';
import { COMPARE_METRICS, type MetricName } from '../../../src/analysis/compare/metrics.ts';
import { Random } from '../../../src/base/random.ts';
import { RULES, syntheticRun } from '../../support/compared-runs.ts';

test.each([
  [0.5, 200],
  [0.9, 1000],
  [0.99, 10_000],
  [0.999, 100_000],
])('valuesNeeded: 100 values lie above quantile %d of %i', (quantile, count) => {
  expect(valuesNeeded(quantile)).toBe(count);
});

/*
 * Error rates: the times of each run scatter by 3.5%, each gating metric for itself, and are compared in 2000 sessions of 8 pairs.
 * docs/compare.md has what came of it.
 */
describe('of 2000 seeded sessions', () => {
  const SESSIONS = 2000;
  const SPREAD = 0.035;

  function outcomes(slower: number, gate: MetricName[]): { excludes: number; worse: number } {
    const random = new Random(2026, gate.length);
    const metrics = COMPARE_METRICS.filter(({ name }) => gate.includes(name));
    const run = (side: string, factor: number) => (_: unknown, pair: number) =>
      syntheticRun({
        id: `${side}${pair}`,
        place: pair,
        slower: factor * Math.exp(SPREAD * random.normal()),
      });
    const counts = { excludes: 0, worse: 0 };
    for (let session = 0; session < SESSIONS; session++) {
      const verdicts = metrics.map((metric) => {
        const a = Array.from({ length: 8 }, run('a', 1));
        const b = Array.from({ length: 8 }, run('b', slower));
        return compareMetric(metric, { kind: 'paired', a, b }, { ...RULES, gate });
      });
      const leavesOut = verdicts.some(({ change }) => (change?.low ?? 0) > 0 || (change?.high ?? 0) < 0);
      if (leavesOut) counts.excludes++;
      if (verdicts.some(({ verdict }) => verdict === 'worse')) counts.worse++;
    }
    return counts;
  }

  test.each<[string, MetricName[]]>([
    ['one gate', ['response.p50']],
    ['three gates', ['response.p50', 'response.p90', 'response.p99']],
  ])(
    'of a release with itself, %s: intervals leave out 0 no oftener than meant, and worse is said of 0.5% at most',
    (_, gate) => {
      const { excludes, worse } = outcomes(1, gate);
      // Of 8 pairs exactly 10 of 256 outcomes are left out, so that 78 are expected, and of three gates 3 x 4 of 256: 92.
      expect(excludes).toBeGreaterThanOrEqual(50);
      expect(excludes).toBeLessThanOrEqual(120);
      expect(worse).toBeLessThanOrEqual(0.005 * SESSIONS);
    },
  );

  test.each<[string, MetricName[]]>([
    ['one gate', ['response.p50']],
    ['three gates', ['response.p50', 'response.p90', 'response.p99']],
  ])('of a release that is 10%% slower, %s: at least 80%% are found to be worse', (_, gate) => {
    expect(outcomes(1.1, gate).worse).toBeGreaterThanOrEqual(0.8 * SESSIONS);
  });
});
