import { appendFileSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readBrokenRun, restoreAccounts, summarizeBrokenRun } from '../../src/coordinator/broken-run.ts';
import { takeCheckpoint, type RunAccounts } from '../../src/coordinator/checkpoint.ts';
import { HealthMonitor } from '../../src/coordinator/health/health-monitor.ts';
import { sendingPlan } from '../../src/coordinator/health/run-health.ts';
import { ResumedTime } from '../../src/coordinator/resumed-time.ts';
import { RunTotals, toIntervalLine } from '../../src/coordinator/run-totals.ts';
import { ThresholdJudge } from '../../src/coordinator/threshold/threshold-judge.ts';
import { continueRun, createRun, type RunWriter } from '../../src/store/run-writer.ts';
import { mergedInterval } from '../support/sample-merged.ts';
import { sampleManifest } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

function freshAccounts(): RunAccounts {
  const sending = sendingPlan([], 'node');
  return {
    totals: new RunTotals(0),
    health: new HealthMonitor({ health: sampleManifest().profile.health, sending, thresholds: false }),
    thresholds: new ThresholdJudge([]),
  };
}

/** A run that stores a second after the other: ten frames in each, answered after 100 us and more. */
class StoredRun {
  readonly accounts: RunAccounts = freshAccounts();
  readonly writer: RunWriter = createRun(scratchDirectory(), sampleManifest());

  async seconds(from: number, to: number): Promise<this> {
    for (let index = from; index < to; index++) {
      const counts = { framesSent: 10, framesMatched: 10 };
      const interval = mergedInterval(index, {
        counts,
        response: Array.from({ length: 10 }, () => 100 + index),
      });
      this.writer.append(toIntervalLine(interval, [null]), interval.histograms);
      this.accounts.totals.addInterval(interval);
      this.writer.keep(index + 1, () => takeCheckpoint(index, this.accounts));
      await this.writer.settled();
    }
    return this;
  }

  get directory(): string {
    return this.writer.directory;
  }
}

describe('summarizeBrokenRun', () => {
  test('has all of a run whose record had stopped for a while', async () => {
    const run = new StoredRun();
    // No checkpoint can be written where a directory of that name is.
    const obstacle = join(run.directory, 'checkpoint.json.unfinished');
    mkdirSync(obstacle);
    await run.seconds(0, 5);
    rmdirSync(obstacle);
    await run.seconds(5, 16);
    run.writer.close();
    const summary = summarizeBrokenRun(run.directory, false);
    expect(summary.record.gaps).toMatchObject([{ startSeconds: 1, endSeconds: 11, unstored: true }]);
    expect(summary.notes.join()).toContain('no interval of 10.0s from 1.0s on is stored: Cannot write');
    expect(summary.frames.matched).toBe(160);
    expect(summary.histograms.response).toMatchObject({ count: 160, min: 100, max: 115 });
    expect(summary.run.seconds).toBe(16);
    expect(summary.intervals.count).toBe(16);
    expect(readBrokenRun(run.directory)).toMatchObject({ lastIndex: 15, runSeconds: 16, endSeconds: 16 });
  });

  test('has what only the checkpoint knows, where a kill came before the gap was said', async () => {
    const run = await new StoredRun().seconds(0, 3);
    run.writer.close();
    const { accounts, directory } = run;
    accounts.totals.addInterval(mergedInterval(3, { counts: { framesMatched: 10 }, response: [7] }));
    writeFileSync(join(directory, 'checkpoint.json'), JSON.stringify(takeCheckpoint(3, accounts)));
    const summary = summarizeBrokenRun(directory, false);
    expect(summary.frames.matched).toBe(40);
    expect(summary.run.seconds).toBe(4);
    expect(readBrokenRun(directory)).toMatchObject({ lastIndex: 3, runSeconds: 4, endSeconds: 4 });
  });

  test('leaves out lines that are damaged, and says which', async () => {
    const run = await new StoredRun().seconds(0, 8);
    run.writer.close();
    const intervals = join(run.directory, 'intervals.jsonl');
    const lines = readFileSync(intervals, 'utf8').split('\n');
    writeFileSync(intervals, lines.with(4, '\0'.repeat(100)).join('\n'));
    const log = join(run.directory, 'latency.hlog');
    const logged = readFileSync(log, 'utf8');
    writeFileSync(log, logged.replace(/(Tag=response,6\.000,1\.000,[\d.]+,).{20}/, '$1AAAAAAAAAAAAAAAAAAAA'));
    const summary = summarizeBrokenRun(run.directory, false);
    expect(summary.frames.matched).toBe(70);
    expect(summary.notes[0]).toMatch(
      /^what is damaged of its logs is left out, .*intervals\.jsonl:5: the line must be JSON.* \(and 1 more\)$/,
    );
    expect(() => readBrokenRun(run.directory)).toThrow('intervals.jsonl:5');
  });

  test('says of a run that some process is at that it still goes on', async () => {
    const run = await new StoredRun().seconds(0, 2);
    run.writer.close();
    const { verdict, run: facts } = summarizeBrokenRun(run.directory, true);
    expect(verdict.reasons[0]).toBe('it still goes on, so its thresholds are not judged yet');
    expect(facts.endedEarly).toMatch(/^it still goes on: its last interval ends 2\.0s after its start/);
    expect(facts.brokeOff?.stillOn).toBe(true);
  });

  test('tells what the clocks did, and refuses events that are damaged', async () => {
    const run = await new StoredRun().seconds(0, 2);
    run.writer.appendEvent({ atSeconds: 2, clock: 'slept', seconds: 30 });
    run.writer.close();
    const summary = summarizeBrokenRun(run.directory, false);
    expect(summary.clockEvents).toEqual([{ atSeconds: 2, clock: 'slept', seconds: 30 }]);
    expect(summary.notes.join()).toContain('the machine slept for 30s');
    appendFileSync(join(run.directory, 'events.jsonl'), '{"atSeconds":3}\n');
    expect(() => summarizeBrokenRun(run.directory, false)).toThrow(/Cannot read .*events\.jsonl:2/);
  });
});

describe('ResumedTime', () => {
  test.each([
    ['a run that nothing disturbed', [], 100, 100 - 1],
    ['a machine that slept for a minute before the break', [60], 160, 100 - 1],
    ['a wall clock that was set back by a day before it', [-86_400], 100 - 86_400, 100 - 1],
    ['a wall clock that was set back since: the gap has no length', [], -5000, 10],
  ])('places what is resumed after %s', async (_, shifts, wallSeconds, startSeconds) => {
    const run = await new StoredRun().seconds(0, 10);
    for (const seconds of shifts) run.writer.appendEvent({ atSeconds: 5, clock: 'set', seconds });
    run.writer.close();
    const broken = readBrokenRun(run.directory);
    const accounts = freshAccounts();
    restoreAccounts(broken, accounts);
    const writer = continueRun(run.directory, broken.manifest);
    const wallMs = Date.parse(broken.manifest.startedAt) + wallSeconds * 1000;
    const time = new ResumedTime(broken, accounts, writer, () => wallMs);
    const interval = mergedInterval(0);
    time.place(interval);
    writer.close();
    expect(interval).toMatchObject({ index: 10, startUs: startSeconds * 1e6 });
    expect(time.gaps).toMatchObject([{ startSeconds: 10, endSeconds: startSeconds }]);
    expect(interval.gapsUs).toBe((startSeconds - 10) * 1e6);
  });
});
