import { totalmem } from 'node:os';
import { expect, test } from 'vitest';

import { machineMemory, readMachine } from '../../src/doctor/machine.ts';

const READINGS = { totalBytes: 1000, freeBytes: 800, constrainedBytes: 0, allowedBytes: 800 };

test.each([
  ['no limit', {}, { totalBytes: 1000, availableBytes: 800, groupLimitBytes: null }],
  [
    'the number that version 1 gives for no limit',
    { constrainedBytes: 2 ** 64, allowedBytes: 2 ** 64 },
    { totalBytes: 1000, availableBytes: 800, groupLimitBytes: null },
  ],
  [
    'a limit, part of it used',
    { constrainedBytes: 500, allowedBytes: 300 },
    { totalBytes: 1000, availableBytes: 300, groupLimitBytes: 500 },
  ],
  [
    'a limit that the rest of the machine does not leave',
    { constrainedBytes: 900, allowedBytes: 850 },
    { totalBytes: 1000, availableBytes: 800, groupLimitBytes: 900 },
  ],
])('machineMemory reads %s', (_, readings, memory) => {
  expect(machineMemory({ ...READINGS, ...readings })).toEqual(memory);
});

test('readMachine reads this machine', () => {
  const { kernel, cpus, loadAverage, memory, descriptors } = readMachine();
  expect(kernel).toMatch(/^Linux \d/);
  expect(cpus).toBeGreaterThan(0);
  expect(loadAverage).toHaveLength(3);
  expect(memory.totalBytes).toBe(totalmem());
  expect(memory.availableBytes).toBeGreaterThan(0);
  expect(memory.availableBytes).toBeLessThanOrEqual(memory.totalBytes);
  expect(descriptors.soft).toBeGreaterThan(0);
});
