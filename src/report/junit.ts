import type { Summary, ThresholdResult } from '../store/summary.ts';
import { junitDocument, testCase, type TestCase } from './junit-xml.ts';
import { observedText } from './threshold-lines.ts';

/**
 * A run as a JUnit report, the form in which build servers read test results: a test case for each threshold, and
 * before them one for each part of the verdict that needs no threshold (the run is valid, connections were made, work
 * was done). Thresholds and unmet work are failures; an invalid run is an error, since it says nothing of the target.
 */
export function renderJunit(summary: Summary): string {
  const { run } = summary;
  return junitDocument({
    name: run.label,
    seconds: run.seconds,
    startedAt: run.startedAt,
    properties: { run: run.id, target: run.target, engine: run.engine },
    cases: [...verdictCases(summary), ...summary.verdict.thresholds.map(thresholdCase)],
  });
}

function verdictCases({ verdict, connections, dials, frames, run }: Summary): TestCase[] {
  const why = verdict.reasons.join('\n');
  const worked = frames.matched + frames.oneWay > 0;
  return [
    testCase('the run is valid', verdict.valid, {
      kind: 'error',
      type: 'invalid',
      message: `the numbers say more of the generator than of the target: ${verdict.reasons[0] ?? ''}`,
      text: why,
    }),
    testCase('the run was not interrupted', !run.interrupted, {
      kind: 'error',
      type: 'interrupted',
      message: run.endedEarly ?? 'interrupted',
      text: why,
    }),
    testCase('connections were made', connections.opened > 0, {
      kind: 'failure',
      type: 'connection',
      message: `none of ${dials.attempted} dials connected`,
      text: why,
    }),
    testCase('frames were exchanged as planned', verdict.ok || worked, {
      kind: 'failure',
      type: 'work',
      message: `none of ${frames.sent} frames was answered`,
      text: why,
    }),
  ];
}

function thresholdCase(result: ThresholdResult): TestCase {
  return testCase(result.expr, result.ok, {
    kind: 'failure',
    type: 'threshold',
    message: result.why ?? `observed ${observedText(result)}`,
    text: `demanded: ${result.expr}\nobserved: ${observedText(result)}`,
  });
}
