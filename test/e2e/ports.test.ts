import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import { runTidemarkAfter } from '../support/tidemark.ts';
import { expectRefusal } from './json-run.ts';

/** A network of the command's own, whose kernel has ten local ports. */
const OWN_NETWORK = ['unshare', '-rn'];
const TEN_PORTS = 'ip link set lo up && echo 33000 33009 > /proc/sys/net/ipv4/ip_local_port_range';
const MAY = spawnSync('unshare', ['-rn', 'sh', '-c', TEN_PORTS]).status === 0;

describe.skipIf(!MAY)('with ten local ports', () => {
  test('a run does not count source addresses of a family that its target does not have', async () => {
    const args = ['run', '--target', '127.0.0.1:24001', '-c', '10', '--source-ip', '127.0.0.2,::1'];
    expect(expectRefusal(await runTidemarkAfter(TEN_PORTS, args, OWN_NETWORK))).toContain(
      'so at most 9 connections',
    );
  });

  test('a run counts the port on which the built-in target listens', async () => {
    const args = ['run', '-c', '9'];
    expect(expectRefusal(await runTidemarkAfter(TEN_PORTS, args, OWN_NETWORK))).toContain(
      'so at most 8 connections',
    );
  });

  test('the doctor does not count them either', async () => {
    const sets = ['target=127.0.0.1:24001', 'connections.count=10', 'connections.sourceIps=127.0.0.2,::1'];
    const args = ['doctor', '--for', 'smoke', ...sets.flatMap((set) => ['--set', set]), '--json'];
    const { stdout, exitCode } = await runTidemarkAfter(TEN_PORTS, args, OWN_NETWORK);
    expect(exitCode).toBe(104);
    const { plan, verdict } = JSON.parse(stdout) as Diagnosis;
    expect(verdict.binding).toEqual(['ports']);
    expect(plan?.findings).toContainEqual(expect.objectContaining({ limit: 'ports', available: 9 }));
  });
});
