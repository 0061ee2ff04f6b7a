import { hostname } from 'node:os';
import { expect, test } from 'vitest';

import { machineName } from '../../src/host/machine-name.ts';

test('machineName tells the machine and its processors, the same each time', () => {
  expect(machineName()).toBe(machineName());
  expect(machineName().startsWith(`${hostname()}: `)).toBe(true);
  expect(machineName()).toMatch(/: \d+ x \S/);
});
