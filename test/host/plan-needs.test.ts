import { expect, test } from 'vitest';

import {
  connectionsByPorts,
  descriptorsNeeded,
  raiseDescriptors,
  widenPorts,
} from '../../src/host/plan-needs.ts';

test('descriptorsNeeded counts connections, the process and each worker', () => {
  expect(descriptorsNeeded(1000, 2)).toBe(1000 + 64 + 2 * 16);
});

test.each([
  ['leaves one port to the trial dial', 100, 1, 99],
  ['counts every pair of addresses', 100, 3, 297],
  ['is none without addresses', 100, 0, 0],
  ['is never negative', 0, 2, 0],
])('connectionsByPorts %s', (_, ports, pairs, connections) => {
  expect(connectionsByPorts(ports, pairs, false)).toBe(connections);
});

test('connectionsByPorts leaves one more port to the built-in target, which listens on it', () => {
  expect(connectionsByPorts(100, 3, true)).toBe(3 * 98);
  expect(connectionsByPorts(1, 1, true)).toBe(0);
});

test.each([
  ['as far as the kernel lets it', 1000, 1000, '`ulimit -Hn 1000`'],
  ['after fs.nr_open beyond that', 1001, 1000, '`sysctl fs.nr_open=1001` and then `ulimit -Hn 1001`'],
  ['where fs.nr_open is not known', 1e9, null, '`ulimit -Hn 1000000000`'],
])('raiseDescriptors raises the limit %s', (_, needed, nrOpen, typed) => {
  expect(raiseDescriptors(needed, nrOpen)).toBe(typed);
});

test('widenPorts has nothing to type where the range is as wide as it can be', () => {
  expect(widenPorts(64_511)).toBe('`sysctl net.ipv4.ip_local_port_range="1024 65535"`');
  expect(widenPorts(64_512)).toBeNull();
});
