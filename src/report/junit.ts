import type { Summary, ThresholdResult } from '../store/summary.ts';
import { observedText } from './threshold-lines.ts';

/**
 * A run as a JUnit report, the form in which build servers read test results: a test case for each threshold, and
 * before them one for each part of the verdict that needs no threshold (the run is valid, connections were made, work
 * was done). Thresholds and unmet work are failures; an invalid run is an error, since it says nothing of the target.
 * Source: the schema that Jenkins' JUnit plugin reads, https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
 */
export function renderJunit(summary: Summary): string {
  const cases = [...verdictCases(summary), ...summary.verdict.thresholds.map(thresholdCase)];
  const failures = cases.filter(({ problem }) => problem?.kind === 'failure').length;
  const errors = cases.filter(({ problem }) => problem?.kind === 'error').length;
  const { run } = summary;
  const totals = { tests: cases.length, failures, errors, time: run.seconds.toFixed(3) };
  const suite = { name: run.label, ...totals, skipped: 0, timestamp: run.startedAt.replace(/\.\d+Z$/, '') };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'tidemark', ...totals })}>`,
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    ...Object.entries({ run: run.id, target: run.target, engine: run.engine }).map(
      ([name, value]) => `      <property${attributes({ name, value })}/>`,
    ),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(one, run.label)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

interface TestCase {
  name: string;
  problem: { kind: 'failure' | 'error'; type: string; message: string; text: string } | null;
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

function testCase(name: string, ok: boolean, problem: NonNullable<TestCase['problem']>): TestCase {
  return { name, problem: ok ? null : problem };
}

function thresholdCase(result: ThresholdResult): TestCase {
  return testCase(result.expr, result.ok, {
    kind: 'failure',
    type: 'threshold',
    message: result.why ?? `observed ${observedText(result)}`,
    text: `demanded: ${result.expr}\nobserved: ${observedText(result)}`,
  });
}

function caseLines({ name, problem }: TestCase, classname: string): string[] {
  const head = `    <testcase${attributes({ classname, name })}`;
  if (problem === null) return [`${head}/>`];
  const { kind, type, message, text } = problem;
  return [
    `${head}>`,
    `      <${kind}${attributes({ message, type })}>${escapeXml(text)}</${kind}>`,
    '    </testcase>',
  ];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/**
 * Text that stands for itself in XML, in attributes as well. Characters that XML 1.0 cannot hold at all are replaced.
 * Source: XML 1.0, section 2.2, production Char.
 */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
