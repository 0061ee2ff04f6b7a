import type { Comparison, MetricResult } from '../analysis/compare/comparison.ts';
import { changeText, intervalText, rulesText, valueText } from './compare-words.ts';
import { junitDocument, testCase, type TestCase } from './junit-xml.ts';

/**
 * A comparison as a JUnit report: a test case for its validity, and one for each gating metric. Worse is a failure; invalid and
 * inconclusive are errors, since they say nothing of the release. Where nothing may gate, they are told as skipped.
 * @param times when the first run began (ISO 8601, UTC), and how long all took
 */
export function renderCompareJunit(
  comparison: Comparison,
  times: { startedAt: string; seconds: number },
): string {
  const { name, verdict, design, a, b, metrics } = comparison;
  const gating = metrics.filter(({ gate }) => gate);
  return junitDocument({
    name,
    ...times,
    properties: { a: a.what, b: b.what, verdict: verdict.word, rules: rulesText(comparison) },
    cases: [
      testCase('the comparison is valid', verdict.word !== 'invalid', {
        kind: 'error',
        type: 'invalid',
        message: verdict.reasons[0] ?? 'invalid',
        text: verdict.reasons.join('\n'),
      }),
      testCase('the comparison was measured in full', design.measured === design.planned, {
        kind: 'error',
        type: 'interrupted',
        message: verdict.reasons[0] ?? 'ended early',
        text: verdict.reasons.join('\n'),
      }),
      ...gating.map((metric) => metricCase(metric, verdict.gates)),
    ],
  });
}

function metricCase(metric: MetricResult, gates: boolean): TestCase {
  const { name, verdict, reason } = metric;
  const numbers = `A ${valueText(metric.a, metric.unit)}, B ${valueText(metric.b, metric.unit)}, change ${changeText(metric)} (${intervalText(metric)})`;
  const ok = verdict === 'same' || verdict === 'better';
  const kind = verdict === 'worse' ? 'failure' : 'error';
  return testCase(`${name} of B against A`, ok, {
    kind: gates ? kind : 'skipped',
    type: verdict ?? 'not judged',
    message: verdict === null ? `not judged: ${reason ?? ''}` : `${verdict}: ${numbers}`,
    text: reason === null ? numbers : `${numbers}\n${reason}`,
  });
}
