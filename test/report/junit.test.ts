import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../src/report/junit.ts';
import type { Summary } from '../../src/store/summary.ts';
import { sampleSummary, sampleThreshold } from '../support/sample-run.ts';
import { parseXml, type XmlElement } from '../support/xml.ts';

function judged(verdict: Partial<Summary['verdict']>, run: Partial<Summary['run']> = {}): Summary {
  const summary = sampleSummary();
  return { ...summary, run: { ...summary.run, ...run }, verdict: { ...summary.verdict, ...verdict } };
}

function suiteOf(summary: Summary): XmlElement {
  const document = parseXml(renderJunit(summary));
  expect(document.name).toBe('testsuites');
  const [suite] = document.children;
  if (suite === undefined) throw new Error('No test suite');
  for (const name of ['tests', 'failures', 'errors', 'time']) {
    expect(suite.attributes[name]).toBe(document.attributes[name]);
  }
  const cases = casesOf(suite);
  expect(suite.attributes).toMatchObject({
    tests: String(cases.length),
    failures: String(cases.filter(({ children: [problem] }) => problem?.name === 'failure').length),
    errors: String(cases.filter(({ children: [problem] }) => problem?.name === 'error').length),
  });
  return suite;
}

function casesOf(suite: XmlElement): XmlElement[] {
  return suite.children.filter(({ name }) => name === 'testcase');
}

/** Names of the cases that have a problem, with its kind, type and message. */
function problemsOf(summary: Summary): [string, string, string, string][] {
  return casesOf(suiteOf(summary)).flatMap(({ attributes, children: [problem] }) =>
    problem === undefined
      ? []
      : [
          [
            attributes['name'] ?? '',
            problem.name,
            problem.attributes['type'] ?? '',
            problem.attributes['message'] ?? '',
          ],
        ],
  );
}

describe('renderJunit', () => {
  test('has a case for each part of the verdict and each threshold, all of which passed', () => {
    const suite = suiteOf(judged({ thresholds: [sampleThreshold()] }));
    expect(suite.attributes).toMatchObject({
      name: 'smoke',
      failures: '0',
      timestamp: '2026-11-23T17:10:00',
    });
    expect(casesOf(suite).map(({ attributes }) => attributes)).toEqual(
      [
        'the run is valid',
        'the run was not interrupted',
        'connections were made',
        'frames were exchanged as planned',
        'response.p99 < 50ms',
      ].map((name) => ({ classname: 'smoke', name })),
    );
    expect(problemsOf(judged({ thresholds: [sampleThreshold()] }))).toEqual([]);
  });

  test('has a failure that says what was observed for each threshold that failed, and for no other', () => {
    const failed = sampleThreshold({ ok: false, observed: 62_000, why: 'observed 62ms' });
    const empty = sampleThreshold({ expr: 'dial.max < 1s', ok: false, observed: null, why: 'no samples' });
    const summary = judged({
      ok: false,
      reasons: ['a', 'b'],
      thresholds: [failed, sampleThreshold(), empty],
    });
    expect(problemsOf(summary)).toEqual([
      ['response.p99 < 50ms', 'failure', 'threshold', 'observed 62ms'],
      ['dial.max < 1s', 'failure', 'threshold', 'no samples'],
    ]);
    const [problem] = casesOf(suiteOf(summary))[4]?.children ?? [];
    expect(problem?.text).toBe('demanded: response.p99 < 50ms\nobserved: 62ms');
  });

  test('has errors for runs that say nothing of the target, and failures for those in which nothing worked', () => {
    const invalid = judged(
      { valid: false, reasons: ['shard 1 was lost'] },
      { interrupted: true, endedEarly: 'by a signal' },
    );
    expect(problemsOf(invalid).map(([name, kind]) => [name, kind])).toEqual([
      ['the run is valid', 'error'],
      ['the run was not interrupted', 'error'],
    ]);
    const summary = judged({ ok: false, reasons: ['no connection could be made'] });
    const nothing = {
      ...summary,
      connections: { ...summary.connections, opened: 0 },
      frames: { ...summary.frames, sent: 0, matched: 0 },
    };
    expect(problemsOf(nothing)).toEqual([
      ['connections were made', 'failure', 'connection', 'none of 100 dials connected'],
      ['frames were exchanged as planned', 'failure', 'work', 'none of 0 frames was answered'],
    ]);
  });

  test('is well-formed whatever a run is called and says', () => {
    const label = 'a<b> & "c" \u0000\u001b \ud800 ]]> ü 😀';
    const summary = judged(
      { valid: false, reasons: [`line 1\nline <2> & \u0007`] },
      { label, target: 'unix:/tmp/a"<&' },
    );
    const suite = suiteOf(summary);
    const readable = 'a<b> & "c" \ufffd\ufffd \ufffd ]]> ü 😀';
    expect(suite.attributes['name']).toBe(readable);
    const [valid] = casesOf(suite);
    expect(valid?.attributes['classname']).toBe(readable);
    expect(valid?.children[0]?.attributes['message']).toContain('line 1\nline <2> & \ufffd');
    expect(valid?.children[0]?.text).toBe('line 1\nline <2> & \ufffd');
  });
});

describe('parseXml', () => {
  test.each([
    '<a>',
    '<a></b>',
    '<a b="1" b="2"/>',
    '<a>&</a>',
    '<a b="<"/>',
    '<a/><b/>',
    '<a>\u0007</a>',
    'x',
  ])('refuses %j', (text) => expect(() => parseXml(text)).toThrow(/well-formed|ends|Two|bare|exactly|hold/));
});
