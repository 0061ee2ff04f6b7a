import { expect, onTestFinished } from 'vitest';

import type { Summary } from '../../src/store/summary.ts';
import { startTarget, type TargetOptions } from '../../src/target/target.ts';
import type { TargetCounters } from '../../src/target/target-counters.ts';
import type { Ended, Running } from '../support/captured-process.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, startTidemark } from '../support/tidemark.ts';

/** A run that was started as a user would, with its one document. */
export interface JsonRun extends Ended {
  summary: Summary;
  /** Where it was stored. */
  out: string;
}

/**
 * `tidemark run ...args --json`, to its end. Whatever it found, its document must be the only thing on stdout and its
 * counts must add up.
 */
export async function runJson(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<JsonRun> {
  const out = scratchDirectory();
  const ended = await runTidemark(['run', ...args, '--json', '--quiet', '--out', out], env);
  return { ...ended, summary: readDocument(ended), out };
}

/** The document on stdout; fails with what stderr says where there is none. */
export function readDocument({ stdout, stderr }: Ended): Summary {
  if (stdout === '') throw new Error(`Nothing on stdout; stderr: ${stderr}`);
  const summary = JSON.parse(stdout) as Summary;
  expect(stdout).toBe(`${JSON.stringify(summary, null, 2)}\n`);
  expectSound(summary);
  return summary;
}

/** What holds of every run, whatever the target did: see the and the design's conservation rules. */
function expectSound(summary: Summary): void {
  const { dials, connections, sessions, frames, histograms, addresses } = summary;
  const unseen = { connectionsOpen: 0, framesInFlight: 0, dialsInProgress: 0 };
  for (const gap of summary.record.gaps) {
    unseen.connectionsOpen += gap.connectionsOpen;
    unseen.framesInFlight += gap.framesInFlight;
    unseen.dialsInProgress += gap.dialsInProgress;
  }
  const { attempted, connected, refused, timedOut, unreachable, reset, localLimit, other, abandoned } = dials;
  expect(connected + refused + timedOut + unreachable + reset + localLimit + other + abandoned).toBe(
    attempted - unseen.dialsInProgress,
  );
  const ended = Object.values(sessions).reduce((sum, count) => sum + count, 0);
  expect(ended + connections.openAtEnd).toBe(connections.opened - unseen.connectionsOpen);
  expect(connections.opened).toBe(connected);
  const { matched, lost, corrupt, inFlightAtEnd, oneWay } = frames;
  expect(matched + lost + corrupt + inFlightAtEnd + oneWay).toBe(frames.sent - unseen.framesInFlight);
  expect(
    matched + corrupt + frames.duplicate + frames.unsolicited + frames.receivedOneWay + frames.pushed,
  ).toBe(frames.received);
  expect(histograms.response.count).toBe(matched - frames.matchedInWarmup);
  expect(histograms.service.count).toBe(matched - frames.matchedInWarmup);
  expect(addresses.reduce((sum, address) => sum + address.attempted, 0)).toBe(attempted);
  expect(addresses.reduce((sum, address) => sum + address.connected, 0)).toBe(connected);
}

/** All is well: every connection was made and ended by plan, and every frame answered. */
export function expectClean({ summary, exitCode, stderr }: JsonRun, connections: number): void {
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(summary.verdict).toMatchObject({ ok: true, valid: true, reasons: [] });
  expect(summary.dials).toMatchObject({ attempted: connections, connected: connections });
  expect(summary.sessions['closed-by-plan']).toBe(connections);
  expect(summary.frames.matched).toBeGreaterThan(0);
  expect(summary.frames.matched).toBe(summary.frames.sent);
  expect(summary.errors).toEqual([]);
}

/** A built-in target inside the test, which is the fastest to start, until the test ends. */
export async function honestTarget(
  options: TargetOptions = {},
): Promise<{ address: string; counters: () => TargetCounters }> {
  const target = await startTarget(options);
  onTestFinished(() => target.close().then(() => undefined));
  return target;
}

/** Starts a process that is killed when the test ends, should it still run. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const running = startTidemark(args, env);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return running;
}

/** Resolves as soon as the process has written `text` to stderr; rejects when it ends without. */
export function saysOnStderr({ child, ended }: Running, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: string) => {
      said += chunk;
      if (said.includes(text)) resolve(said);
    });
    void ended.then(() =>
      reject(new Error(`Ended without saying ${JSON.stringify(text)}; it said: ${said}`)),
    );
  });
}

/** The one message of a command that was refused: on stderr alone, in one paragraph, without a stack. */
export function expectRefusal({ exitCode, stdout, stderr }: Ended, expectedExit: number = 104): string {
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: expectedExit, stdout: '', stderr });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trimEnd()).not.toBe('');
  expect(stderr.trimEnd()).not.toContain('\n\n');
  return stderr;
}

/** Does all jobs, a few at a time: processes start slowly, and what these tests look at does not depend on time. */
export async function allOf<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const waiting = jobs.entries();
  const work = async (): Promise<void> => {
    for (const [index, job] of waiting) results[index] = await job();
  };
  await Promise.all(Array.from({ length: JOBS_AT_A_TIME }, work));
  return results;
}

const JOBS_AT_A_TIME = 3;
