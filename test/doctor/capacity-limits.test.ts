import { describe, expect, test } from 'vitest';

import { memoryFinding, workerFinding } from '../../src/doctor/capacity-limits.ts';
import { BUILT_IN_PLACE } from '../../src/doctor/target-place.ts';
import { sampleMachine, sampleNeeds } from '../support/sample-machine.ts';

describe('memoryFinding', () => {
  const withMemory = (availableBytes: number, groupLimitBytes: number | null = null) =>
    sampleMachine({ memory: { totalBytes: 16e9, availableBytes, groupLimitBytes } });
  const fixedBytes = 100e6 + 2 * 20e6;

  test.each([
    ['node', 4900 + 16_000],
    ['epoll', 2048 + 16_000],
  ] as const)('fits to the last byte on the %s engine', (engine, connectionBytes) => {
    const needed = fixedBytes + 1000 * connectionBytes;
    expect(memoryFinding(sampleNeeds(), engine, withMemory(needed))).toEqual({
      limit: 'memory',
      needed,
      available: needed,
      unit: 'bytes',
      verdict: 'fits',
      advice: null,
    });
    expect(memoryFinding(sampleNeeds(), engine, withMemory(needed - 1))).toMatchObject({
      verdict: 'binds',
      advice: 'take -c 999, or a machine with more memory',
    });
  });

  test('counts the other ends where the built-in target holds them', () => {
    const { needed } = memoryFinding(sampleNeeds({ place: BUILT_IN_PLACE }), 'epoll', sampleMachine());
    expect(needed).toBe(fixedBytes + 100e6 + 1000 * (2048 + 16_000 + 4900 + 16_000));
  });

  test.each([
    [
      "the control group's limit where there is one",
      150e6,
      200e6,
      /^take -c \d+, or raise the control group's memory limit$/,
    ],
    ['that nothing fits at all', 10e6, null, /^there is too little for any connection: take a machine/],
  ])('names %s', (_, available, groupLimit, advice) => {
    expect(memoryFinding(sampleNeeds(), 'node', withMemory(available, groupLimit)).advice).toMatch(advice);
  });
});

describe('workerFinding', () => {
  test.each([
    ['fits with a CPU for each worker and the target elsewhere', 8, 8, null, false, 'fits', null],
    ['fits with a CPU for the target on this machine', 7, 8, null, true, 'fits', null],
    [
      'is tight where the target on this machine shares them',
      8,
      8,
      null,
      true,
      'tight',
      "the target on this machine shares the workers' CPUs: take -w 7, or run it on another machine",
    ],
    [
      'offers no worker less than one',
      1,
      1,
      null,
      true,
      'tight',
      "the target on this machine shares the workers' CPUs: run it on another machine",
    ],
    [
      'binds beyond the CPUs',
      9,
      8,
      null,
      false,
      'binds',
      'workers take turns on the CPUs and what waits shows as send lag: take -w 8',
    ],
    [
      'binds beyond the whole CPUs of a quota',
      2,
      8,
      1.5,
      false,
      'binds',
      'workers take turns on the CPUs and what waits shows as send lag: take -w 1',
    ],
    [
      'binds below one CPU',
      1,
      8,
      0.5,
      false,
      'binds',
      "a worker needs a whole CPU: raise the control group's CPU quota",
    ],
  ] as const)('%s', (_, workers, cpus, cpuQuota, onThisMachine, verdict, advice) => {
    const needs = sampleNeeds({ workers, place: { ...BUILT_IN_PLACE, onThisMachine } });
    expect(workerFinding(needs, sampleMachine({ cpus, cpuQuota }))).toEqual({
      limit: 'workers',
      needed: workers,
      available: cpuQuota ?? cpus,
      unit: 'count',
      verdict,
      advice,
    });
  });
});
