import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

import { descriptorLimit, ephemeralPorts, hostFacts } from '../../src/coordinator/host-facts.ts';

test('descriptorLimit is what the shell was given, since Node raises its soft limit to the hard one', () => {
  expect(descriptorLimit()).toBe(Number(execFileSync('bash', ['-c', 'ulimit -Hn']).toString()));
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
