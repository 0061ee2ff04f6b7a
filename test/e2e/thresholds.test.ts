import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { startTarget } from '../../src/target/target.ts';
import { ANY_MACHINE } from '../support/any-machine.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { parseXml } from '../support/xml.ts';
import { honestTarget, runJson } from './json-run.ts';

function thresholdFlags(...exprs: string[]): string[] {
  return exprs.flatMap((expr) => ['--threshold', expr]);
}

function profileOf(text: string): string {
  const path = join(scratchDirectory(), 'plan.yaml');
  writeFileSync(path, text);
  return path;
}

describe('tidemark run with thresholds', () => {
  test('passes where all hold, and tells what it observed in base units', async () => {
    const args = thresholdFlags(
      'response.p99 < 10s',
      'dials.refused == 0',
      'dials.connected == 3',
      'errors.rate <= 0.1%',
      'throughput.frames > 1/s',
      'throughput.receivedBytes > 10B/s',
      'bytes.sent > 68B',
      'connections.peakOpen == 3',
      'sessions.closed-by-plan == 3',
      'health.score >= 0%',
    );
    const { exitCode, summary } = await runJson([
      '-c',
      '3',
      '-T',
      '500ms',
      '--think',
      '5ms',
      ...ANY_MACHINE,
      ...args,
    ]);
    expect(summary.verdict.reasons).toEqual([]);
    expect(exitCode).toBe(0);
    const { thresholds } = summary.verdict;
    expect(thresholds.map(({ ok }) => ok)).toEqual(thresholds.map(() => true));
    expect(thresholds.map(({ observed }) => observed)).toEqual([
      summary.histograms.response.p99,
      0,
      3,
      0,
      summary.throughput.framesPerSecond,
      summary.throughput.receivedBytesPerSecond,
      summary.bytes.sent,
      3,
      3,
      summary.health.score,
    ]);
  });

  test('fails with 99 where one does not, and says by how much on the page, in the list and as JUnit', async () => {
    const out = scratchDirectory();
    const junit = join(out, 'junit.xml');
    const flags = thresholdFlags('dials.connected == 3', 'response.min > 1h', 'writeStall.p99 < 1s');
    const run = ['run', '-c', '3', '-T', '300ms', '--quiet', '--label', 'ci', '--out', out, '--junit', junit];
    const { exitCode, stdout } = await runTidemark([...run, ...ANY_MACHINE, ...flags]);
    expect(exitCode).toBe(99);
    expect(stdout).toMatch(/^FAILED {2}ci/);
    expect(stdout).toMatch(/^because the threshold 'response\.min > 1h' failed: observed [\d.]+[mu]s$/m);
    expect(stdout).toContain(
      "because the threshold 'writeStall.p99 < 1s' failed: no samples: nothing was observed for writeStall.p99",
    );
    expect(stdout).toMatch(/^FAILED {2}response\.min > 1h +[\d.]+[mu]s {2}the run$/m);
    expect(stdout).toMatch(/^passed {2}dials\.connected == 3 +3 {2}the run$/m);
    const suite = parseXml(readFileSync(junit, 'utf8')).children[0];
    expect(suite?.attributes).toMatchObject({ name: 'ci', tests: '7', failures: '2', errors: '0' });

    const [page, list] = await Promise.all([
      runTidemark(['report', 'latest', '--out', out, '--junit', join(out, 'again.xml')]),
      runTidemark(['runs', '--out', out]),
    ]);
    expect(page.stdout).toBe(stdout);
    expect(readFileSync(join(out, 'again.xml'), 'utf8')).toBe(readFileSync(junit, 'utf8'));
    expect(list.stdout).toContain('failed 2 of 3');
  });

  test('judges windows while it runs, and ends at the first that fails where the plan wants it', async () => {
    const { address } = await honestTarget();
    const plan = profileOf(`
target: ${address}
duration: 20s
connections: { count: 2 }
load: { totalRate: 100/s }
thresholds:
  - { expr: throughput.frames > 10k/s, window: 1s, abortOnFail: true, delay: 1500ms }
  - { expr: response.p99 < 10s, window: 1s }
  - { expr: response.p50 < 10s, window: 15s }
`);
    const { exitCode, summary } = await runJson([plan, ...ANY_MACHINE]);
    expect(exitCode).toBe(99);
    expect(summary.run.seconds).toBeGreaterThanOrEqual(2);
    expect(summary.run.seconds).toBeLessThan(10);
    expect(summary.run.endedEarly).toContain(
      "the threshold 'throughput.frames > 10k/s' failed, and the plan ends",
    );
    expect(summary.run.interrupted).toBe(false);
    const [rate, response, never] = summary.verdict.thresholds;
    expect(rate).toMatchObject({ ok: false, windowSeconds: 1, unit: 'perSecond' });
    expect(rate?.observed).toBeLessThan(200);
    expect(response).toMatchObject({ ok: true, windowSeconds: 1 });
    expect(never).toMatchObject({ ok: false, observed: null, why: 'no window of 15s was ever full' });
    expect(summary.sessions['closed-by-plan']).toBe(2);
  });

  test('of a target that is not there they fail, and no connection is still the exit code', async () => {
    const target = await startTarget();
    await target.close();
    const args = ['--target', target.address, '-T', '300ms'];
    const { exitCode, summary } = await runJson([
      ...args,
      ...thresholdFlags('dials.refused == 0', 'response.p99 < 1s'),
    ]);
    expect(exitCode).toBe(123);
    expect(summary.verdict.thresholds).toMatchObject([
      { ok: false, observed: 1 },
      { ok: false, observed: null },
    ]);
  });
});

test('tidemark run refuses thresholds and JUnit files that cannot be, before it runs', async () => {
  const out = scratchDirectory();
  const refused: [args: string[], message: string][] = [
    [thresholdFlags('respons.p99 < 1s'), 'respons.p99 is no metric of a run; did you mean response.p99?'],
    [thresholdFlags('response.p99 < 20'), 'response.p99 is a time: "20" has no unit'],
    [thresholdFlags('dials.refused < 20ms'), 'dials.refused is a count: "20ms" is not a count'],
    [thresholdFlags('errors.rate < 1ms'), 'errors.rate is a share: "1ms" is not a share'],
    [thresholdFlags('throughput.frames > 9.9k'), 'throughput.frames is a rate: "9.9k" has no unit'],
    [thresholdFlags('bytes.sent > 3'), 'bytes.sent is a size: "3" has no unit'],
    [thresholdFlags('heartbeat.p99 < 1s'), 'give heartbeat.every (--heartbeat), or drop the threshold'],
    [
      [...thresholdFlags('dials.stalled == 0'), '--engine', 'node'],
      'the node engine cannot see dials.stalled',
    ],
    [['--junit', join(out, 'none', 'junit.xml')], 'Cannot write the JUnit file'],
  ];
  const ended = await Promise.all(refused.map(([args]) => runTidemark(['run', ...args, '--out', out])));
  ended.forEach(({ exitCode, stdout, stderr }, index) => {
    expect(stderr).toContain(refused[index]?.[1]);
    expect(stderr).not.toContain('    at ');
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
  });
  expect(readdirSync(out)).toEqual([]);
});
