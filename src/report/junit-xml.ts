/** A suite of one kind of verdict. */
export interface JunitSuite {
  name: string;
  seconds: number;
  /** ISO 8601, UTC. */
  startedAt: string;
  properties: Readonly<Record<string, string>>;
  cases: readonly TestCase[];
}

/** A demand, and what was wrong with it; null where it was met. */
export interface TestCase {
  name: string;
  problem: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string; text: string } | null;
}

/** A demand that has the problem unless it is met. */
export function testCase(name: string, ok: boolean, problem: NonNullable<TestCase['problem']>): TestCase {
  return { name, problem: ok ? null : problem };
}

/**
 * A suite as the XML document that build servers read.
 * Source: the schema that Jenkins' JUnit plugin reads, https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
 */
export function junitDocument({ name, seconds, startedAt, properties, cases }: JunitSuite): string {
  const count = (kind: string): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  const totals = {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    time: seconds.toFixed(3),
  };
  const suite = {
    name,
    ...totals,
    skipped: count('skipped'),
    timestamp: startedAt.replace(/\.\d+Z$/, ''),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'tidemark', ...totals })}>`,
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    ...Object.entries(properties).map(
      ([key, value]) => `      <property${attributes({ name: key, value })}/>`,
    ),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(one, name)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({ name, problem }: TestCase, classname: string): string[] {
  const head = `    <testcase${attributes({ classname, name })}`;
  if (problem === null) return [`${head}/>`];
  const { kind, type, message, text } = problem;
  const facts = kind === 'skipped' ? { message } : { message, type };
  return [`${head}>`, `      <${kind}${attributes(facts)}>${escapeXml(text)}</${kind}>`, '    </testcase>'];
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
