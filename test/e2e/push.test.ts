import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { startTarget, type Target } from '../../src/target/target.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { honestTarget, runJson } from './json-run.ts';

const CONNECTIONS = 5;

const MIXED = `
duration: 1500ms
cohorts:
  push:
    connections: { count: ${CONNECTIONS} }
    load: { send: off }
    payload: { pushStamp: u64be@0/us/monotonic }
    thresholds: [frames.pushUnstamped == 0, pushLatency.p50 < 20ms]
  steady:
    connections: { count: 2 }
    load: { rate: 20/s }
    match: { mode: id }
`;

describe.each(['epoll', 'node'])('tidemark run with pushed frames on the %s engine', (engine) => {
  test('counts what the target pushed, its rhythm and how long it was on its way', async () => {
    const target = await pushingTarget();
    const file = join(scratchDirectory(), 'mixed.yaml');
    writeFileSync(file, MIXED);
    const { summary, exitCode } = await runJson([file, '--engine', engine, '--target', target.address]);
    expect({ exitCode, reasons: summary.verdict.reasons }).toEqual({ exitCode: 0, reasons: [] });
    const { push, steady } = summary.cohorts;
    const counts = (await target.close()).faults[0]?.counts;
    const received = (push?.frames.pushed ?? 0) + (steady?.frames.unsolicited ?? 0);
    // Until it has heard of the close the target goes on, and the trial dial can get one too.
    expect(received).toBeLessThanOrEqual(counts?.framesPushed ?? 0);
    expect(received).toBeGreaterThanOrEqual((counts?.framesPushed ?? 0) - (CONNECTIONS + 2) * 2 - 1);
    expect(push?.frames).toMatchObject({ sent: 0, pushUnstamped: 0, pushAhead: 0 });
    const { pushGap, pushLatency } = push?.histograms ?? {};
    expect(pushLatency?.count).toBe(push?.frames.pushed);
    expect(pushGap?.count).toBe((push?.frames.pushed ?? 0) - CONNECTIONS);
    expect(Math.abs((pushGap?.p50 ?? 0) - 20_000)).toBeLessThan(5000);
    expect(summary.histograms.pushLatency).toEqual(pushLatency);
    expect(steady?.histograms.pushLatency.count).toBe(0);
    expect(summary.verdict.thresholds.map(({ expr, ok }) => [expr, ok])).toEqual([
      ['push:frames.pushUnstamped == 0', true],
      ['push:pushLatency.p50 < 20ms', true],
    ]);
    expect(summary.notes).toEqual([]);
  });
});

test('tidemark run tells of a clock that stamps and ours do not share, and fails by latency', async () => {
  const target = await pushingTarget();
  const sets = ['--set', 'load.send=off', '--set', 'payload.pushStamp=u64be@0/us/wall'];
  const threshold = ['--threshold', 'pushLatency.p50 < 1s'];
  const { summary, exitCode } = await runJson([
    '--target',
    target.address,
    '-T',
    '500ms',
    ...sets,
    ...threshold,
  ]);
  expect(exitCode).toBe(99);
  expect(summary.notes).toEqual([expect.stringContaining("held against the target's wall clock")]);
  expect(summary.histograms.pushLatency.min).toBe(3_600_000_000);
});

test('tidemark run refuses a threshold of the push latency where nothing is stamped', async () => {
  const { address } = await honestTarget();
  const refused = await runTidemark(['run', '--target', address, '--threshold', 'pushLatency.p99 < 5ms']);
  expect(refused.exitCode).toBe(104);
  expect(refused.stderr).toContain('give payload.pushStamp, or drop the threshold');
});

/** A built-in target inside the test that pushes frames with their time, until the test ends. */
async function pushingTarget(): Promise<Target> {
  const target = await startTarget({ faults: [parseFault('push:50/s,stamp')] });
  onTestFinished(() => target.close().then(() => undefined));
  return target;
}
