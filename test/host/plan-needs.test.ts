import { expect, test } from 'vitest';

import { connectionsByPorts, descriptorsNeeded } from '../../src/host/plan-needs.ts';

test('descriptorsNeeded counts connections, the process and each worker', () => {
  expect(descriptorsNeeded(1000, 2)).toBe(1000 + 64 + 2 * 16);
});

test.each([
  ['leaves one port to the trial dial', 100, 1, 99],
  ['counts every pair of addresses', 100, 3, 297],
  ['is none without addresses', 100, 0, 0],
  ['is never negative', 0, 2, 0],
])('connectionsByPorts %s', (_, ports, pairs, connections) => {
  expect(connectionsByPorts(ports, pairs)).toBe(connections);
});
