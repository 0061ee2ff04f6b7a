import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test, vi } from 'vitest';

import type { Summary } from '../../src/store/summary.ts';
import { honestTarget } from '../e2e/json-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { ENGINES } from '../support/shard-run.ts';
import { startTidemark } from '../support/tidemark.ts';

const LIMIT = 90;
const OPEN_FIRST = 50;

test.for(ENGINES)(
  'a limit of descriptors that is lowered in the middle of a ramp stops the ramp, not the run ($engine)',
  async ({ engine, missing }, context) => {
    if (missing !== null) context.skip(missing);
    const { exitCode, stderr, stdout } = await limitedRun([
      '--think',
      '50ms',
      '-T',
      '3s',
      '--engine',
      engine,
    ]);
    expect(exitCode).toBe(0);
    // The node engine's sockets are of the table that the run's files are of, too: the record may give way, and says so.
    expect(stderr).toMatch(
      engine === 'epoll' ? /^$/ : /^(no interval after .* EMFILE from open; the run goes on\n)?$/,
    );
    const { dials, errors, notes, sessions } = JSON.parse(stdout) as Summary;
    expect(dials.localLimit).toBeGreaterThan(0);
    expect(dials.connected).toBeLessThanOrEqual(LIMIT);
    expect(dials.attempted).toBe(dials.connected + dials.localLimit);
    expect(sessions['closed-by-plan']).toBe(dials.connected);
    expect(errors.map(({ outcome, errno }) => `${outcome} ${errno}`)).toEqual(['localLimit EMFILE']);
    expect(notes.join()).toContain('raise the descriptors of a process');
  },
);

test.for(ENGINES)(
  'connections that were up are dialled again below such a limit, and frames of the others are ours ($engine)',
  async ({ engine, missing }, context) => {
    if (missing !== null) context.skip(missing);
    const churn = ['--connection-lifetime', '1s', '--reconnect', 'immediate', '-r', '5/s'];
    const { stdout } = await limitedRun([...churn, '-T', '4s', '--engine', engine]);
    const { run, connections, dials, frames, notes } = JSON.parse(stdout) as Summary;
    expect(run.endedEarly).toBeNull();
    expect(connections.peakOpen).toBeLessThanOrEqual(LIMIT);
    expect(dials.connected).toBeGreaterThan(2 * LIMIT);
    // 300 connections, the i-th from i/100 s on: as many frames as without a limit, less the few around a lifetime's end.
    expect(Math.abs(frames.sent + (frames.unsent ?? 0) - 3757)).toBeLessThan(60);
    expect(frames.unsentBy?.generator).toBeGreaterThan(1000);
    expect(frames.unsentBy?.connecting).toBeLessThan(100);
    expect(notes.join()).toMatch(
      /\d+ planned connections were never dialled: this machine's limit came before/,
    );
  },
);

/** A run that asks for 300 connections at 100 a second, and finds room for LIMIT descriptors once it has OPEN_FIRST. */
async function limitedRun(
  load: string[],
): Promise<{ exitCode: number | null; stderr: string; stdout: string }> {
  const { address } = await honestTarget();
  const ramp = ['-c', '300', '--connect-rate', '100/s', '--out', scratchDirectory(), '--quiet', '--json'];
  const run = startTidemark(['run', '--target', address, ...ramp, ...load]);
  await vi.waitUntil(() => socketsOf(run.child.pid) >= OPEN_FIRST, { timeout: 10_000, interval: 10 });
  execFileSync('prlimit', ['--pid', String(run.child.pid), `--nofile=${LIMIT}:`]);
  return run.ended;
}

/** The most sockets that any thread's table holds: a worker of the epoll engine has one of its own. */
function socketsOf(pid: number | undefined): number {
  return Math.max(
    ...entriesOf(`/proc/${pid}/task`).map((task) => countSockets(`/proc/${pid}/task/${task}/fd`)),
  );
}

function countSockets(table: string): number {
  return entriesOf(table).filter((fd) => isSocket(`${table}/${fd}`)).length;
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    return false;
  }
}

/** What a directory of /proc holds; nothing once it is gone. */
function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
