import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { formatAddress } from '../../src/coordinator/resolve-target.ts';
import { readIntervalLines } from '../../src/store/interval-line.ts';
import type { Manifest } from '../../src/store/manifest.ts';
import type { Summary } from '../../src/store/summary.ts';
import { readRun } from '../../src/store/run-store.ts';
import { connectOptions } from '../support/peer.ts';
import { serve } from '../support/loopback-server.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, runTidemarkAfter } from '../support/tidemark.ts';
import { honestTarget, readDocument, saysOnStderr, start } from './json-run.ts';

/** A run for longer than any test waits, whose first interval is short, so that there is something to keep soon. */
function longRun(out: string, ...args: string[]): string[] {
  return ['run', '-c', '4', '-T', '60s', '--warmup', '100ms', '--out', out, '--json', ...args];
}

function onlyRun(out: string): string {
  const [id] = readdirSync(out);
  if (id === undefined) throw new Error(`No run in ${out}`);
  return join(out, id);
}

/** Resolves when nobody listens on `address` any more. */
async function vacated(address: string): Promise<void> {
  for (;;) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(connectOptions(address));
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });
    if (refused) return;
  }
}

describe('tidemark run', () => {
  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'drains on %s: owed replies come, the results are kept, 105',
    async (signal) => {
      const { address } = await honestTarget();
      const out = scratchDirectory();
      const running = start(longRun(out, '--target', address));
      await saysOnStderr(running, '4 open');
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.exitCode).toBe(105);
      const summary = readDocument(ended);
      expect(summary.run.endedEarly).toBe('interrupted by a signal');
      expect(summary.run.seconds).toBeLessThan(60);
      expect(summary.sessions['closed-by-plan']).toBe(4);
      expect(summary.frames.matched).toBe(summary.frames.sent);
      expect(summary.frames.matched).toBeGreaterThan(0);
      expect(summary.verdict.valid).toBe(true);
      expect(ended.stderr).toContain('draining: waiting for the replies that are owed');
      const page = await runTidemark(['report', 'latest', '--out', out]);
      expect(page.stdout).toContain('ended early: interrupted by a signal');
    },
  );

  test('stops at once on a second signal, and keeps what was delivered', async () => {
    // A target that owes every reply would hold up the drain for a minute.
    const silent = formatAddress(await serve((socket) => socket.resume()));
    const out = scratchDirectory();
    const patience = ['--read-timeout', '60s', '--drain-timeout', '60s'];
    const running = start(longRun(out, '--target', silent, ...patience));
    await saysOnStderr(running, '4 open');
    running.child.kill('SIGINT');
    await saysOnStderr(running, 'draining');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exitCode).toBe(105);
    expect(ended.stderr).toContain('stopping at once; what was delivered is kept');
    const { summary } = readRun(onlyRun(out));
    expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(JSON.stringify(summary)));
    expect(summary.run.endedEarly).toBe('stopped at once by a second signal');
    expect(summary.dials.connected).toBe(4);
    expect(summary.frames.sent).toBe(4);
    expect(summary.shards).toMatchObject([{ state: 'lost' }]);
  });

  test('killed outright leaves readable intervals, and report says that it did not end', async () => {
    const out = scratchDirectory();
    const running = start(longRun(out));
    await saysOnStderr(running, '4 open');
    running.child.kill('SIGKILL');
    expect((await running.ended).exitCode).toBeNull();
    const directory = onlyRun(out);
    const lines = [...readIntervalLines(join(directory, 'intervals.jsonl'))];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toMatchObject({ index: 0, phase: 'warmup', gauges: { openNow: 4 } });

    const report = await runTidemark(['report', 'latest', '--out', out]);
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    expect(report.stdout).toMatch(/^BROKE OFF {2}run against /);
    const endSeconds = lines.at(-1)?.endSeconds.toFixed(1);
    expect(report.stdout).toContain(
      `its last interval ends ${endSeconds}s after its start and was stored at 20`,
    );
    const summary = JSON.parse(
      (await runTidemark(['report', 'latest', '--out', out, '--json'])).stdout,
    ) as Summary;
    expect(summary.intervals.count).toBe(lines.length);
    expect(summary.dials.connected).toBe(4);
    const sent = lines.reduce((sum, { counters }) => sum + (counters.framesSent ?? 0), 0);
    expect(summary.frames.sent).toBe(sent);
    expect(summary.run.brokeOff?.atSeconds).toBe(lines.at(-1)?.endSeconds);
    const list = await runTidemark(['runs', '--out', out]);
    expect(list).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('unfinished') });

    // The built-in target was started for this run alone and must not outlive it.
    const manifest = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as Manifest;
    await vacated(manifest.target);
  });

  test('says what the disk refused, goes on to its end, and keeps the intervals before it', async () => {
    const { address } = await honestTarget();
    const out = scratchDirectory();
    const many = ['--target', address, '-c', '50', '-T', '4s', '--warmup', '100ms'];
    // No file may grow beyond 8 KiB, which the manifest stays below: the histogram log gets there within seconds.
    const args = ['run', ...many, '--out', out, '--quiet', '--json', '--health-verdict', 'report'];
    const ended = await runTidemarkAfter('ulimit -f 8', args);
    const refusals = ended.stderr.split('\n').filter((line) => line.startsWith('no interval after '));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(
      /s is stored: Cannot write .*latency\.hlog: E[A-Z]+ from write; the run goes on$/,
    );
    expect(ended.exitCode).toBe(0);
    const summary = readDocument(ended);
    expect(summary.run.endedEarly).toBeNull();
    expect(summary.record.stopped?.why).toMatch(/^Cannot write .*latency\.hlog: E[A-Z]+ from write$/);
    expect(summary.notes.join()).toContain('is stored: Cannot write');
    const lines = [...readIntervalLines(join(onlyRun(out), 'intervals.jsonl'))];
    expect(lines.length).toBeGreaterThan(0);
  });
});
