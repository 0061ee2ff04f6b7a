import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

import { descriptorLimits, ephemeralPorts, hostFacts } from '../../src/host/host-facts.ts';

test('descriptorLimits is what the shell was given, since Node raises its soft limit to the hard one', () => {
  const hard = Number(execFileSync('bash', ['-c', 'ulimit -Hn']).toString());
  expect(descriptorLimits()).toEqual({ soft: hard, hard });
});

test.each<[string, string, ReturnType<typeof descriptorLimits>]>([
  [
    'a soft limit below the hard one',
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n',
    { soft: 1024, hard: 4096 },
  ],
  [
    'no limit',
    'Max open files  unlimited  unlimited  files',
    { soft: Number.MAX_SAFE_INTEGER, hard: Number.MAX_SAFE_INTEGER },
  ],
  ['no such file', '', { soft: null, hard: null }],
])('descriptorLimits reads %s', (_, text, limits) => {
  expect(descriptorLimits(() => text)).toEqual(limits);
});

test('ephemeralPorts counts both ends of the range', () => {
  const [first, last] = execFileSync('cat', ['/proc/sys/net/ipv4/ip_local_port_range'])
    .toString()
    .trim()
    .split(/\s+/)
    .map(Number);
  expect(ephemeralPorts()).toBe((last ?? 0) - (first ?? 0) + 1);
});

test('hostFacts names the kernel, Node and the processors', () => {
  const { kernel, node, cpus } = hostFacts();
  expect(kernel).toMatch(/^Linux \d+\.\d+/);
  expect(node).toBe(process.version);
  expect(cpus).toBeGreaterThan(0);
});
