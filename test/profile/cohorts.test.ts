import { describe, expect, test } from 'vitest';

import { cohortPlans, loadModels, plannedConnections, sourceAddresses } from '../../src/profile/cohorts.ts';
import { formatProfile } from '../../src/profile/format-profile.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { ProfileError } from '../../src/profile/profile-fault.ts';
import type { Profile } from '../../src/profile/profile.ts';

const MIXED = `
duration: 30s
load: { window: 4 }
thresholds: [errors.rate < 1%]
cohorts:
  idle:
    connections: { count: 90 }
    heartbeat: { every: 1s }
    load: { rate: 1/s }
  steady:
    connections: { count: 9 }
    load: { totalRate: 100/s }
    thresholds: [response.p99 < 20ms]
  bulk:
    payload: { size: 64KiB }
`;

function load(text: string, flags: Record<string, unknown> = {}, sets: string[] = []): Profile {
  return loadProfile({ name: 'mixed', text, file: 'mixed.yaml' }, {}, flags, sets);
}

function faultsOf(text: string, flags: Record<string, unknown> = {}, sets: string[] = []): string[] {
  try {
    load(text, flags, sets);
  } catch (error) {
    if (error instanceof ProfileError) return error.message.split('\n  ').slice(1);
    throw error;
  }
  return [];
}

function planOf(profile: Profile, name: string): Profile {
  const found = cohortPlans(profile).find((cohort) => cohort.name === name);
  if (found === undefined) throw new Error(`No cohort ${name}`);
  return found.plan;
}

describe('loadProfile with cohorts', () => {
  test('drops all of them, or one, where a stronger source takes them back', () => {
    expect(load(MIXED, {}, ['cohorts=null'])).toMatchObject({ cohorts: [], connections: { count: 1 } });
    const names = ({ cohorts }: Profile): string[] => cohorts.map(({ name }) => name);
    expect(names(load(MIXED, {}, ['cohorts.steady=null']))).toEqual(['idle', 'bulk']);
    expect(names(load('cohorts: { idle: , bulk: { connections: { count: 2 } } }'))).toEqual(['idle', 'bulk']);
    expect(faultsOf(MIXED, {}, ['cohorts.stedy=null'])).toEqual([
      expect.stringContaining('is no cohort of the profile; did you mean steady?'),
    ]);
  });

  test('gives each what it says, and else what stands at the top', () => {
    const profile = load(MIXED);
    expect(cohortPlans(profile).map(({ name }) => name)).toEqual(['idle', 'steady', 'bulk']);
    expect(planOf(profile, 'idle')).toMatchObject({
      durationUs: 30e6,
      connections: { count: 90 },
      heartbeat: { everyUs: 1e6 },
      load: { ratePerSecond: 1 },
      payload: { size: '64B' },
    });
    expect(planOf(profile, 'bulk')).toMatchObject({
      connections: { count: 1 },
      heartbeat: null,
      load: { ratePerSecond: null, window: 4 },
      payload: { size: '64KiB' },
    });
    expect(plannedConnections(profile)).toBe(100);
    expect(loadModels(profile)).toEqual({ someOpen: true, allOpen: false });
  });

  test('displaces in a cohort what its own choice excludes', () => {
    expect(planOf(load(MIXED), 'steady').load).toMatchObject({ totalRatePerSecond: 100, window: null });
    const profile = load('load: { rate: 5/s }\ncohorts: { slow: { load: { think: 1s } }, plain: }');
    expect(planOf(profile, 'slow').load).toMatchObject({ ratePerSecond: null, thinkUs: 1e6, window: 1 });
    expect(planOf(profile, 'plain').load).toMatchObject({ ratePerSecond: 5 });
  });

  test('puts the thresholds of a cohort among those of the run, with its name', () => {
    const { thresholds } = load(MIXED);
    expect(thresholds.map(({ expr }) => expr)).toEqual(['errors.rate < 1%', 'steady:response.p99 < 20ms']);
  });

  test('lasts as long as the longest stages of any cohort where no duration is given', () => {
    const stages = (seconds: number): string => `{ stages: [{ duration: ${seconds}s, rate: 5/s }] }`;
    const profile = load(`cohorts: { short: ${stages(2)}, long: ${stages(7)} }`);
    expect(cohortPlans(profile).map(({ plan }) => plan.durationUs)).toEqual([7e6, 7e6]);
    expect(profile.durationUs).toBe(7e6);
  });

  test('prints a profile that loads back to the same', () => {
    const profile = load(MIXED);
    expect(load(formatProfile(profile))).toEqual(profile);
    const unset = load(`
heartbeat: { every: 1s }
payload: { message: hello }
connections: { lifetime: 3s }
cohorts:
  silent: { heartbeat: { every: null }, payload: { size: 1KiB }, connections: { lifetime: null } }
  plain: {}
`);
    expect(planOf(unset, 'silent')).toMatchObject({
      heartbeat: null,
      payload: { message: null, size: '1KiB' },
      connections: { lifetime: null },
    });
    expect(load(formatProfile(unset))).toEqual(unset);
  });

  test('lets --set change a key of one cohort, and a flag what cohorts have in common', () => {
    const profile = load(MIXED, { payload: '128B', connections: '7' }, ['cohorts.bulk.payload.size=1MiB']);
    expect(planOf(profile, 'bulk').payload.size).toBe('1MiB');
    expect(planOf(profile, 'idle').payload.size).toBe('128B');
    expect(planOf(profile, 'idle').connections.count).toBe(90);
    expect(planOf(profile, 'bulk').connections.count).toBe(7);
  });
});

describe('loadProfile refuses', () => {
  test.each<[why: string, text: string, expected: string]>([
    [
      'an unknown key of a cohort, at its place',
      'cohorts:\n  bulk:\n    payload: { sise: 1MiB }',
      'mixed.yaml:3:16 cohorts.bulk.payload.sise: is no key of a profile; did you mean payload.size?',
    ],
    [
      'a bad value of a cohort, at its place',
      'cohorts:\n  bulk:\n    connections: { count: many }',
      'mixed.yaml:3:27 cohorts.bulk.connections.count:',
    ],
    [
      'what contradicts itself in one cohort, at its place',
      'cohorts:\n  bulk:\n    payload: { size: 64MiB }',
      'mixed.yaml:3:22 cohorts.bulk.payload.size: must have at most 1MiB',
    ],
    [
      'what all cohorts have from the top once',
      'payload: { size: 64MiB }\ncohorts: { bulk: , idle: }',
      'mixed.yaml:1:18 payload.size: must have at most 1MiB',
    ],
    [
      'a key of the run in a cohort',
      'cohorts:\n  bulk:\n    workers: 3',
      'mixed.yaml:3:5 cohorts.bulk.workers: is no key of a cohort, but of the whole run',
    ],
    [
      'a misspelt section',
      'cohorts:\n  bulk:\n    conections: { count: 3 }',
      'mixed.yaml:3:5 cohorts.bulk.conections: is no key of a cohort; did you mean connections?',
    ],
    [
      'a name that would not fit into a threshold',
      'cohorts:\n  a:b: { connections: { count: 3 } }',
      'mixed.yaml:2:3 cohorts.a:b: must be a name of letters',
    ],
    ['cohorts that are none', 'cohorts: 3', 'mixed.yaml:1:10 cohorts: must be a group of cohorts'],
    [
      'a threshold of a cohort that its plan cannot have',
      'cohorts:\n  bulk:\n    thresholds: [heartbeat.p99 < 1s]\n  idle: { heartbeat: { every: 1s } }',
      "mixed.yaml:3:17 cohorts.bulk.thresholds: 'bulk:heartbeat.p99 < 1s' cannot be judged",
    ],
    [
      'more workers than all cohorts together have connections for',
      'workers: 3\ncohorts: { bulk: , idle: }',
      'mixed.yaml:1:10 workers: must be at most connections.count',
    ],
  ])('%s', (_, text, expected) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
  });

  test('a flag that every cohort overrides, and says how to change one of them', () => {
    const text = 'cohorts: { bulk: { connections: { count: 3 } }, idle: { connections: { count: 5 } } }';
    expect(faultsOf(text, { connections: '10' })).toEqual([
      '--connections: has no effect, since every cohort says otherwise by keys of its own; write ' +
        '--set cohorts.bulk.connections.count=... to change one of them, or drop --connections',
    ]);
  });

  test('a --set of a cohort that the profile has not', () => {
    expect(faultsOf(MIXED, {}, ['cohorts.blk.payload.size=1MiB'])).toEqual([
      '--set cohorts.blk.payload.size: is no cohort of the profile; did you mean bulk?',
    ]);
  });

  test('more cohorts than there may be', () => {
    const names = Array.from({ length: 33 }, (_, index) => `c${index}: {}`);
    expect(faultsOf(`cohorts: { ${names.join(', ')} }`)).toEqual([
      'cohorts: must hold at most 32 cohorts, current number is 33',
    ]);
  });
});

describe('sourceAddresses', () => {
  test.each<[string, string, (4 | 6)[], number]>([
    ['one where the kernel chooses', '', [4], 1],
    ["each of the target's family", '127.0.0.2-127.0.0.5', [4], 4],
    ['none of another family', '127.0.0.2,::1', [4], 1],
    ['as many as the address with the fewest has', '127.0.0.2,127.0.0.3,::1', [4, 6], 1],
    ['as many for each of several addresses', '127.0.0.2,127.0.0.3', [4, 4], 2],
    ['one where none fits, which the run refuses', '::1', [4], 1],
    ['all where nothing is known of the target', '127.0.0.2,::1', [], 2],
  ])('counts %s', (_, list, families, count) => {
    const sets = list === '' ? [] : [`connections.sourceIps=${list}`];
    expect(sourceAddresses(load('workers: 1', {}, sets), families)).toBe(count);
  });

  test('counts those of all cohorts, each once', () => {
    const text = `
cohorts:
  a: { connections: { sourceIps: [127.0.0.2, 127.0.0.3] } }
  b: { connections: { sourceIps: [127.0.0.3, '::1'] } }
`;
    expect(sourceAddresses(load(text), [4])).toBe(2);
  });
});
