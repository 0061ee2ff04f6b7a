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
    const { address } = await honestTarget();
    const load = ['-c', '300', '--connect-rate', '100/s', '--think', '50ms', '-T', '3s', '--engine', engine];
    const args = ['run', '--target', address, '--out', scratchDirectory(), ...load, '--quiet', '--json'];
    const run = startTidemark(args);
    await vi.waitUntil(() => socketsOf(run.child.pid) >= OPEN_FIRST, { timeout: 10_000, interval: 10 });
    execFileSync('prlimit', ['--pid', String(run.child.pid), `--nofile=${LIMIT}:`]);
    const { exitCode, stderr, stdout } = await run.ended;
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
