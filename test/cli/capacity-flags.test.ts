import { describe, expect, test } from 'vitest';

import { goalOf, readSearchFlags, type SearchFlags } from '../../src/cli/capacity-flags.ts';

describe('readSearchFlags', () => {
  test('has the defaults of its help', () => {
    expect(readSearchFlags({})).toEqual({
      of: 'rate',
      measuredUs: 10_000_000,
      trials: 5,
      exceedRatio: 0.5,
      width: 0.02,
      lossRatioMax: 0.001,
      limitUs: null,
      startLoad: null,
      ceiling: null,
      confirmTrials: 14,
    });
  });

  test('reads loads in the unit of the search', () => {
    expect(readSearchFlags({ start: '5k/s', max: '1M/s' })).toMatchObject({
      startLoad: 5000,
      ceiling: { load: 1e6 },
    });
    const held = readSearchFlags({ of: 'connections', start: '5k', max: '20k' });
    expect(held).toMatchObject({ startLoad: 5000, ceiling: { load: 20_000, by: 'asked' } });
  });

  test.each<[SearchFlags, string]>([
    [{ of: 'frames' }, '--of must be rate or connections'],
    [{ trials: '4' }, '--trials must be an odd number'],
    [{ trials: '0' }, '--trials must be an odd number'],
    [{ trial: '10' }, '--trial cannot be read'],
    [{ trial: '5ms' }, '--trial must be at least 100ms'],
    [{ width: '2' }, '--width must read like 2%'],
    [{ width: '0%' }, '--width must read like 2%'],
    [{ loss: '100%' }, '--loss must read like 2%'],
    [{ limit: 'soon' }, '--limit cannot be read'],
    [{ start: '0/s' }, '--start must be above 0'],
    [{ max: '0/s' }, '--max must be above 0'],
    [{ start: '100' }, '--start cannot be read'],
    [{ of: 'connections', start: '100/s' }, '--start cannot be read'],
    [{ start: '2k/s', max: '1k/s' }, '--start must not be above --max'],
    [{ confirm: '0' }, '--confirm must be from 1'],
  ])('refuses %j', (flags, words) => {
    expect(() => readSearchFlags(flags)).toThrow(words);
  });
});

describe('goalOf', () => {
  test('takes the lower of what the user allows and what the machine can do', () => {
    const machine = { load: 900, by: 'generator', why: 'descriptors' } as const;
    const wishes = readSearchFlags({ of: 'connections', max: '1k' });
    expect(goalOf(wishes, 100, machine).ceiling).toEqual(machine);
    expect(goalOf(wishes, 100, { ...machine, load: 2000 }).ceiling).toMatchObject({
      load: 1000,
      by: 'asked',
    });
    expect(goalOf(readSearchFlags({}), 100, null).ceiling).toBeNull();
  });

  test('looks no lower than a 256th of the start, or one connection', () => {
    expect(goalOf(readSearchFlags({}), 256, null).minLoad).toBe(1);
    expect(goalOf(readSearchFlags({ of: 'connections' }), 100, null).minLoad).toBe(1);
  });
});
