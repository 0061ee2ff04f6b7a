import { describe, expect, test } from 'vitest';
import { RULES } from '../support/compared-runs.ts';
import {
  parseContender,
  parsePairs,
  parseRules,
  parseWait,
  type CompareFlags,
} from '../../src/cli/compare-flags.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';

const FLAGS: CompareFlags = {
  pairs: '8',
  confidence: '0.95',
  delta: '5%',
  deltaBad: '0.1%',
  cooldown: '1s',
  readyTimeout: '10s',
  stopTimeout: '5s',
};

function profileOf(flags: Record<string, unknown> = {}): Profile {
  return loadProfile({ name: 'compare', text: null, file: null }, {}, flags, []);
}

function rulesWith(flags: Partial<CompareFlags>): ReturnType<typeof parseRules> {
  return parseRules({ ...FLAGS, ...flags }, profileOf());
}

describe('parseRules', () => {
  test('has defaults, which gate by what the plan has', () => {
    expect(rulesWith({})).toEqual({ ...RULES, seed: profileOf().seed });
    const oneWay = parseRules(FLAGS, profileOf({ match: 'none' }));
    expect(oneWay.gate).toEqual(['throughput.frames', 'bad.ratio']);
  });

  test('reads percents and shares', () => {
    const rules = rulesWith({ confidence: '99%', delta: '2.5%', gate: 'response.p50, response.p50' });
    expect(rules).toMatchObject({ confidence: 0.99, delta: 0.025, gate: ['response.p50'] });
  });

  test.each<[Partial<CompareFlags>, string]>([
    [{ confidence: '1' }, '--confidence must be from 0.5 to 0.999'],
    [{ confidence: '95' }, '--confidence must be from'],
    [{ confidence: '0.9.5' }, '--confidence must be from'],
    [{ delta: '5' }, '--delta must read like 5%'],
    [{ delta: '0%' }, 'above 0%'],
    [{ delta: '-5%' }, '--delta must read like 5%'],
    [{ deltaBad: '200%' }, '--delta-bad must read like 5%'],
    [{ gate: 'response.p5' }, 'did you mean response.p50?'],
    [{ gate: '' }, '--gate must name metrics of'],
    [{ gate: 'response.p50,response.p90,response.p99,bad.ratio' }, '--gate must name at most 3'],
  ])('refuses %j', (flags, message) => {
    expect(() => rulesWith(flags)).toThrow(message);
  });
});

describe('parsePairs', () => {
  test.each([
    ['6', ['response.p50'], 6],
    ['7', ['response.p50', 'response.p99', 'bad.ratio'], 7],
    ['64', ['response.p50'], 64],
  ] as const)('takes %s pairs with gates %j', (text, gate, pairs) => {
    expect(parsePairs(text, { ...RULES, gate }, profileOf())).toBe(pairs);
  });

  test.each([
    ['5', ['response.p50'], '--pairs must be at least 6 for a confidence of 0.95:'],
    [
      '6',
      ['response.p50', 'response.p99', 'bad.ratio'],
      '--pairs must be at least 7 for a confidence of 0.95 over 3',
    ],
    ['65', ['response.p50'], 'a whole number from 6 to 64'],
    ['many', ['response.p50'], 'a whole number from 6 to 64'],
    ['7.5', ['response.p50'], 'a whole number from 6 to 64'],
  ] as const)('refuses %s pairs with gates %j', (text, gate, message) => {
    expect(() => parsePairs(text, { ...RULES, gate }, profileOf())).toThrow(message);
  });

  test('refuses a plan with too few frames for a gating quantile, the warm-up left out', () => {
    const plan = { totalRate: '1k/s', duration: '11s', warmup: '2s' };
    expect(() => parsePairs('8', RULES, profileOf(plan))).toThrow(
      /response\.p99 needs at least 10000 .* has 9000/,
    );
    expect(parsePairs('8', RULES, profileOf({ ...plan, duration: '12s' }))).toBe(8);
  });
});

describe('parseContender', () => {
  test.each(['127.0.0.1:7007', '[::1]:7007', 'unix:/run/x.sock', 'db.test:7007'])(
    'takes %s for an address',
    (text) => {
      expect(parseContender('a', text, null)).toEqual({ address: text, command: null });
    },
  );

  test('takes anything else for a command whose server listens at the target', () => {
    const command = './server --port 7007';
    expect(parseContender('b', command, '127.0.0.1:7007')).toEqual({ address: '127.0.0.1:7007', command });
    expect(() => parseContender('b', command, null)).toThrow('say by --target where its server listens');
    expect(() => parseContender('b', ' ', '127.0.0.1:7007')).toThrow('it is empty');
  });
});

test.each([
  ['1s', 1000],
  ['0s', 0],
])('parseWait reads %s', (text, ms) => {
  expect(parseWait('--cooldown', text)).toBe(ms);
});

test.each(['5', '2h', 'soon'])('parseWait refuses %s', (text) => {
  expect(() => parseWait('--cooldown', text)).toThrow(/^--cooldown/);
});
