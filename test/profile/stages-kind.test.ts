import { describe, expect, it } from 'vitest';
import type { StageProfile } from '../../src/profile/profile.ts';
import { stagesKind } from '../../src/profile/stages-kind.ts';
import { faultsOf, load } from '../support/profile-sources.ts';

const kind = stagesKind();
const stage = (values: Partial<StageProfile>): StageProfile => ({
  durationUs: 30e6,
  ratePerSecond: null,
  connections: null,
  ...values,
});

describe('stagesKind', () => {
  it.each<[string, StageProfile[], string[] | null]>([
    ['30s:10k/s', [stage({ ratePerSecond: 10_000 })], ['30s:10k/s']],
    ['30s:500', [stage({ connections: 500 })], ['30s:500']],
    ['30s:500:10k/s', [stage({ connections: 500, ratePerSecond: 10_000 })], ['30s:500:10k/s']],
    ['30s:10k/s:500', [stage({ connections: 500, ratePerSecond: 10_000 })], ['30s:500:10k/s']],
    [
      '0s:0/s,30s:0',
      [stage({ durationUs: 0, ratePerSecond: 0 }), stage({ connections: 0 })],
      ['0s:0/s', '30s:0'],
    ],
    ['', [], null],
  ])('reads %j', (text, stages, written) => {
    expect(kind.read(text)).toEqual(stages);
    expect(kind.write(stages)).toEqual(written);
  });

  it.each([
    ['30s', 'stage 1: "30s" is not a stage; a stage reads like 30s:10k/s'],
    ['30s:1/s:2/s', 'stage 1: "30s:1/s:2/s" is not a stage'],
    ['30s:1:2', 'stage 1: "30s:1:2" is not a stage'],
    ['30s:1/s,10:1/s', 'stage 2: "10" has no unit; a duration reads like'],
    ['30s:1.5', 'stage 1: "1.5" is not a whole number'],
    ['30s:100M', 'stage 1: must have at most 10000000 connections, current value is 100M'],
    ['30s:1/s,', 'stage 2: "" is not a stage'],
  ])('refuses %j', (text, message) => {
    expect(() => kind.read(text)).toThrow(message);
  });

  it('refuses more stages than anyone means', () => {
    const text = Array.from({ length: 1001 }, () => '1s:1/s').join(',');
    expect(() => kind.read(text)).toThrow('must hold at most 1000 stages, current value has 1001');
  });
});

describe('stages of a profile', () => {
  const expected = [
    stage({ ratePerSecond: 10_000 }),
    stage({ connections: 500 }),
    stage({ connections: 5, ratePerSecond: 1 }),
  ];

  it('are read from groups and texts of a file, from repeated flags and from a variable', () => {
    const yaml = `
stages:
  - { duration: 30s, rate: 10k/s }
  - 30s:500
  - duration: 30s
    rate: 1/s
    connections: 5
`;
    expect(load({ yaml }).stages).toEqual(expected);
    expect(load({ flags: { stage: ['30s:10k/s', '30s:500', '30s:5:1/s'] } }).stages).toEqual(expected);
    expect(load({ env: { TIDEMARK_STAGE: '30s:10k/s,30s:500,30s:5:1/s' } }).stages).toEqual(expected);
  });

  it('make the run as long as they are, unless a duration says longer', () => {
    expect(load({ flags: { stage: ['30s:1/s', '15s:2/s'] } }).durationUs).toBe(45e6);
    expect(load({ flags: { stage: ['30s:1/s'], duration: '1m' } }).durationUs).toBe(60e6);
    expect(load({ flags: { stage: ['0s:1/s'] } }).durationUs).toBe(10e6);
  });

  it('lead to the open model where one has a rate, and so to no window of its own', () => {
    expect(load({ flags: { stage: ['1s:1/s'] } }).load.window).toBeNull();
    expect(load({ flags: { stage: ['1s:1'] } }).load.window).toBe(1);
  });

  it('displace the closed model of a weaker source', () => {
    const profile = load({
      yaml: 'load: { think: 10ms, window: 4 }\nduration: 1m',
      flags: { stage: ['1s:1/s'] },
    });
    expect(profile.load).toMatchObject({ thinkUs: 0, window: null });
  });

  it('keep the closed model where they only count connections', () => {
    const profile = load({ yaml: 'load: { think: 10ms, window: 4 }', flags: { stage: ['1s:1'] } });
    expect(profile.load).toMatchObject({ thinkUs: 10_000, window: 4 });
  });

  it.each([
    [
      'stages longer than the duration',
      { flags: { stage: ['10s:1/s', '10s:1/s'], duration: '15s' } },
      '--stage: must not take longer than duration (--duration), which is 15s, current value takes 20s; drop ' +
        'duration, which is then as long as the stages, or shorten them',
    ],
    [
      'think time beside a rate',
      { flags: { stage: ['10s:1/s'], think: '10ms' } },
      '--stage: cannot lead to a rate beside load.think (--think), since think time belongs to the closed model, a ' +
        'rate is the open one; drop one of them',
    ],
    [
      'Poisson arrivals without a rate',
      { flags: { arrivals: 'poisson', stage: ['1s:5'] } },
      '--arrivals: cannot be poisson in the closed model, whose frames follow replies; give a rate (--rate, ' +
        '--total-rate, --stage), or drop load.arrivals',
    ],
    [
      'a stage without an aim',
      { yaml: 'stages: [{ duration: 10s }]' },
      'plan.yaml:1:10 stages: stage 1: leads nowhere; give it a rate, a count of connections or both',
    ],
    [
      'a key that is none of a stage',
      { yaml: 'stages: [{ duration: 10s, rat: 1/s }]' },
      'plan.yaml:1:10 stages: stage 1: rat is no key of a stage; its keys are duration, rate, connections',
    ],
    [
      'a stage without a duration',
      { yaml: 'stages: [{ rate: 1/s }]' },
      'plan.yaml:1:10 stages: stage 1: has no duration; give one, for example duration: 30s',
    ],
    [
      'a rate that its window cannot carry',
      { flags: { totalRate: '1M/s', window: '1', connections: '2' } },
      '--window: lets 2 frames be in flight on 2 connections, so that 1M/s would need each reply within 2.0us; raise ' +
        'the window or the connections, or lower the rate',
    ],
  ])('are refused: %s', (_, sources, fault) => {
    expect(faultsOf(sources)).toEqual([fault]);
  });

  it('are refused all at once, each entry at its own place', () => {
    const yaml = [
      'stages:',
      '  - { duration: 5s }',
      '  - 5s:1/s',
      '  - { rate: 1/s }',
      '  - 7',
      'thresholds:',
      '  - response.p99 < 20',
      '  - errors.count == 0',
      '  - { window: 5s }',
    ];
    expect(faultsOf({ yaml: yaml.join('\n') }).map((fault) => fault.slice(0, 50))).toEqual([
      'plan.yaml:2:5 stages: stage 1: leads nowhere; give',
      'plan.yaml:4:5 stages: stage 3: has no duration; gi',
      'plan.yaml:5:5 stages: stage 4: "7" is not a stage;',
      'plan.yaml:7:5 thresholds: threshold 1: response.p9',
      'plan.yaml:9:5 thresholds: threshold 3: has no expr',
    ]);
    expect(faultsOf({ flags: { stage: ['5s', '5s:1/s', '1/s'] } })).toEqual([
      expect.stringContaining('--stage: stage 1: "5s" is not a stage'),
      expect.stringContaining('--stage: stage 3: "1/s" is not a stage'),
    ]);
  });
});
