import { describe, expect, it } from 'vitest';
import { formatProfile } from '../../../src/profile/format-profile.ts';
import type { ThresholdProfile } from '../../../src/profile/profile.ts';
import { faultsOf, load } from '../../support/profile-sources.ts';

const plain = (expr: string): ThresholdProfile => ({ expr, windowUs: null, abortOnFail: false, delayUs: 0 });

describe('thresholds of a profile', () => {
  it('are read from texts and groups of a file, and written so that they load back', () => {
    const yaml = `
duration: 60s
thresholds:
  - response.p99<20ms
  - { expr: dials.refused == 0, window: 30s }
  - { expr: errors.rate < 0.1%, window: 2m, abortOnFail: on, delay: 10s }
`.replace('60s', '10m');
    const { thresholds } = load({ yaml });
    expect(thresholds).toEqual([
      plain('response.p99 < 20ms'),
      { ...plain('dials.refused == 0'), windowUs: 30e6 },
      { expr: 'errors.rate < 0.1%', windowUs: 120e6, abortOnFail: true, delayUs: 10e6 },
    ]);
    expect(load({ yaml: formatProfile(load({ yaml })) }).thresholds).toEqual(thresholds);
  });

  it('are read from repeated flags and from a variable, which replace those of the file', () => {
    const yaml = 'thresholds: [response.max < 1s]';
    const expected = [plain('response.p99 < 20ms'), plain('dials.refused == 0')];
    expect(load({ yaml, flags: { threshold: expected.map(({ expr }) => expr) } }).thresholds).toEqual(
      expected,
    );
    const env = { TIDEMARK_THRESHOLD: 'response.p99<20ms,dials.refused==0' };
    expect(load({ yaml, env }).thresholds).toEqual(expected);
    expect(load({ yaml, sets: ['thresholds=null'] }).thresholds).toEqual([]);
  });

  it.each([
    ['[response.p99 < 20ms, dials.refusd == 0]', 'threshold 2: dials.refusd is no metric of a run'],
    ['[{ window: 1s }]', 'has no expr; give one'],
    ['[{ expr: response.p99 < 1s, windw: 1s }]', 'windw is no key of a threshold; its keys are expr, window'],
    ['[{ expr: response.p99 < 1s, window: 1500ms }]', 'window must be a whole number of seconds'],
    ['[{ expr: response.p99 < 1s, window: 0s }]', 'window must be a whole number of seconds'],
    ['[{ expr: response.p99 < 1s, window: 2h }]', 'window must be at most 1h, current value is 2h'],
    ['[{ expr: response.p99 < 1s, window: 5 }]', '"5" has no unit'],
    ['[{ expr: response.p99 < 1s, delay: 5s }]', 'delay has no effect without abortOnFail: true'],
    ['[{ expr: response.p99 < 1s, abortOnFail: maybe }]', 'abortOnFail must be true, false, on or off'],
    ['[{ expr: [a] }]', 'expr must be a single value'],
    ['[[a]]', 'must be a text or a group of keys'],
  ])('refuses %s', (list, message) => {
    expect(faultsOf({ yaml: `duration: 3h\nthresholds: ${list}` })).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it('refuses more than anyone writes', () => {
    const threshold = Array.from({ length: 1001 }, () => 'dials.refused == 0');
    expect(faultsOf({ flags: { threshold } })).toEqual([
      '--threshold: must hold at most 1000 thresholds, current value has 1001',
    ]);
  });
});
