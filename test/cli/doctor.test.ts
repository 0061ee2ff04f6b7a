import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import type { Ended } from '../support/captured-process.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { ENGINES } from '../support/shard-run.ts';
import { runTidemark, runTidemarkAfter } from '../support/tidemark.ts';

function documentOf({ stdout, stderr }: Ended): Diagnosis {
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Diagnosis;
}

function verdicts({ plan }: Diagnosis): Record<string, string> {
  return Object.fromEntries(plan?.findings.map(({ limit, verdict }) => [limit, verdict]) ?? []);
}

/** A plan that any machine that runs the tests can carry, but for what a test takes from it. */
const MODEST = ['--for', 'smoke', '--set', 'connections.count=10'];

const NO_EPOLL = ENGINES.every(({ engine, missing }) => engine !== 'epoll' || missing !== null);

describe('tidemark doctor', () => {
  test('prints this machine as one page and exits 0', async () => {
    const { exitCode, stdout, stderr } = await runTidemark(['doctor']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`CPUs          ${availableParallelism()}`);
    for (const word of [
      'kernel ',
      'somaxconn ',
      'tcp_rmem ',
      'epoll ',
      'timer of 1 ms ',
      'sends SYNs at 0 1 ',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stdout.split('\n').length).toBeLessThan(40);
  });

  test('prints exactly one document with --json, and what it measured is plausible', async () => {
    const ended = await runTidemark(['doctor', '--json']);
    expect(ended.exitCode).toBe(0);
    const { version, tool, machine, engines, clock, loop, synSchedule, plan, verdict } = documentOf(ended);
    expect({ version, name: tool.name, plan, verdict }).toEqual({
      version: 1,
      name: 'tidemark',
      plan: null,
      verdict: { ok: true, binding: [] },
    });
    expect(machine.memory.totalBytes).toBe(totalmem());
    expect(machine.settings.somaxconn).toBe(Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));
    expect(engines.map(({ name }) => name)).toEqual(['epoll', 'node']);
    expect(clock.costNs).toBeGreaterThan(1);
    expect(loop.timeoutLatenessUs.count).toBeGreaterThan(1);
    expect(loop.turnUs.count).toBeGreaterThan(1);
    expect(synSchedule?.sentAtSeconds.slice(0, 2)).toEqual([0, 1]);
  });

  test('finds that a modest plan fits', async () => {
    const ended = await runTidemark(['doctor', ...MODEST, '--json']);
    expect(ended.exitCode).toBe(0);
    const document = documentOf(ended);
    expect(document.plan?.label).toBe('smoke');
    expect(verdicts(document)).toMatchObject({ descriptors: 'fits', ports: 'fits', memory: 'fits' });
    expect(document.verdict).toEqual({ ok: true, binding: [] });
  });

  test('names the descriptors that a shell took away, and exits 104', async () => {
    const ended = await runTidemarkAfter('ulimit -n 256', [
      'doctor',
      ...MODEST,
      '--set',
      'connections.count=200',
    ]);
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 104, stderr: '' });
    expect(ended.stdout).toMatch(/^BINDS {2}smoke will meet a limit: descriptors\n/);
    expect(ended.stdout).toContain(
      'descriptors: type `ulimit -Hn 280` as root before the run (or raise LimitNOFILE), or take -c 176',
    );
  });

  test('reads a profile and its target from a file', async () => {
    const path = join(scratchDirectory(), 'many.yaml');
    writeFileSync(path, 'target: unix:/run/none.sock\nconnections:\n  count: 10M\nlabel: many\n');
    const ended = await runTidemark(['doctor', '--for', path, '--json']);
    expect(ended.exitCode).toBe(104);
    const document = documentOf(ended);
    expect(document.verdict.binding).toContain('memory');
    expect(document.plan).toMatchObject({ label: 'many', needs: { connections: 1e7 } });
    expect(Object.keys(verdicts(document))).not.toContain('ports');
  });

  test('names a target that the run would refuse', async () => {
    const ended = await runTidemark(['doctor', ...MODEST, '--set', 'target=192.0.2.1:80']);
    expect(ended.exitCode).toBe(104);
    expect(ended.stdout).toContain('target: Refused to load 192.0.2.1:80');
  });

  test.skipIf(NO_EPOLL).each([
    [
      "a source address that is not this machine's",
      'source addresses',
      'connections.sourceIps=198.51.100.1',
      'Cannot dial from 198.51.100.1: the kernel refuses the address with EADDRNOTAVAIL',
    ],
    [
      'a broadcast address as a source',
      'source addresses',
      'connections.sourceIps=127.255.255.255',
      'Cannot dial from 127.255.255.255: it is a broadcast address',
    ],
    [
      "no source address of the target's family",
      'source addresses',
      'connections.sourceIps=::1',
      'Cannot dial 127.0.0.1:24001 from connections.sourceIps (--source-ip), none of which is of its family',
    ],
    [
      'a congestion control that the kernel does not have',
      'socket options',
      'socket.congestion=no-such',
      'Cannot set the socket option congestion: the kernel refuses its value with ENOENT',
    ],
  ])("foretells in the run's own words that it refuses %s", async (_, limit, set, message) => {
    const sets = ['--set', 'target=127.0.0.1:24001', '--set', set];
    const ended = await runTidemark(['doctor', ...MODEST, ...sets, '--json']);
    expect(ended.exitCode).toBe(104);
    const { plan, verdict } = documentOf(ended);
    expect(verdict.binding).toEqual([limit]);
    const advice = plan?.findings.find((finding) => finding.limit === limit)?.advice ?? '';
    expect(advice).toContain(message);
    expect((await runTidemark(['run', 'smoke', ...sets])).stderr).toContain(advice);
  });

  test('knows less, and runs all the same, where the kernel hides its settings', async (context) => {
    const hide = 'mount -t tmpfs none /proc/sys';
    const may = spawnSync('unshare', ['-rm', 'sh', '-c', hide]).status === 0;
    context.skip(!may, 'this user may not have a mount namespace of its own');
    const ended = await runTidemarkAfter(hide, ['doctor', ...MODEST, '--json'], ['unshare', '-rm']);
    expect(ended.exitCode).toBe(0);
    const document = documentOf(ended);
    expect(Object.values(document.machine.settings).every((value) => value === null)).toBe(true);
    expect(document.synSchedule).toBeNull();
    expect(verdicts(document)).toMatchObject({ descriptors: 'fits', ports: 'unknown' });
  });

  test.each([
    ['a profile that does not exist', ['--for', 'smok'], "Cannot read the profile 'smok'"],
    ['a bad key', ['--for', 'smoke', '--set', 'connections.count=-1'], 'connections.count'],
    [
      'a key without a profile',
      ['--set', 'workers=2'],
      'Cannot set a key (--set) without a profile: give --for',
    ],
  ])('refuses %s with 104 and nothing on stdout', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runTidemark(['doctor', ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(message);
  });
});
