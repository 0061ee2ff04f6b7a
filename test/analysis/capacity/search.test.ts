import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Random } from '../../../src/base/random.ts';
import { classifyLoad } from '../../../src/analysis/capacity/load-class.ts';
import { nextStep, searchBounds } from '../../../src/analysis/capacity/search.ts';
import type { SearchGoal, SearchTrial, TrialVerdict } from '../../../src/analysis/capacity/search-goal.ts';
import { GOAL, simulateSearch, stallingTarget, summarizeShares } from '../../support/simulated-search.ts';

describe('nextStep', () => {
  test('warms up, doubles with a trial each, and bisects from the first load that fails', () => {
    const { trials, lower, upper, ending } = simulateSearch(GOAL, (load) =>
      load <= 10_000 ? 'good' : 'bad',
    );
    const loads = trials.map(({ load }) => load);
    expect(trials[0]).toMatchObject({ load: 1000, purpose: 'warmup' });
    expect(loads.slice(1, 6)).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(loads.slice(6, 11)).toEqual([16_000, 16_000, 8000, 8000, 11_310]);
    expect(ending).toBe('found');
    expect(lower).toBeLessThanOrEqual(10_000);
    expect(upper).toBeGreaterThan(10_000);
    expect(trials.slice(-14).every(({ purpose, load }) => purpose === 'confirm' && load === lower)).toBe(
      true,
    );
  });

  test('ends within the width of the truth, wherever that lies', () => {
    const targets = fc.record({
      capacity: fc.double({ min: 5, max: 5e6, noNaN: true }),
      width: fc.constantFrom(0.01, 0.02, 0.1),
      trials: fc.constantFrom(1, 3, 5, 9),
    });
    fc.assert(
      fc.property(targets, ({ capacity, width, trials }) => {
        const goal = { ...GOAL, width, trials };
        const found = simulateSearch(goal, (load) => (load <= capacity ? 'good' : 'bad'));
        expect(found.ending).toBe('found');
        const { lower, upper } = found;
        if (lower === null || upper === null) throw new Error('a bound is missing');
        expect(lower).toBeLessThanOrEqual(capacity);
        expect(upper).toBeGreaterThan(capacity);
        // Loads of four digits may end a little apart.
        expect((upper - lower) / upper).toBeLessThanOrEqual(width + 1e-3);
      }),
    );
  });

  test('counts connections in whole numbers, down to the very last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (capacity) => {
        const goal = { ...GOAL, wholeLoads: true, startLoad: 100, minLoad: 1, width: 0.001 };
        const found = simulateSearch(goal, (load) => (load <= capacity ? 'good' : 'bad'));
        expect(found.trials.every(({ load }) => Number.isInteger(load))).toBe(true);
        expect(found.lower).toBeLessThanOrEqual(capacity);
        expect(found.upper).toBeGreaterThan(capacity);
        expect(found.lower).toBeGreaterThanOrEqual(capacity * 0.998 - 1);
      }),
    );
  });

  test('depends on nothing but the trials: any beginning of a search goes on to the same end', () => {
    const target = (load: number): TrialVerdict => (load <= 7777 ? 'good' : 'bad');
    const whole = simulateSearch(GOAL, target);
    whole.trials.forEach((trial, index) => {
      const step = nextStep(GOAL, whole.trials.slice(0, index));
      expect(step).toEqual({ do: 'measure', load: trial.load, purpose: trial.purpose });
    });
  });

  test('says that not even the lowest load is carried', () => {
    const found = simulateSearch({ ...GOAL, minLoad: 10 }, () => 'bad');
    expect(found).toMatchObject({ ending: 'nothing', lower: null, upper: 10, upperBy: 'target' });
  });

  test('goes below a start load that fails', () => {
    const found = simulateSearch(GOAL, (load) => (load <= 37 ? 'good' : 'bad'));
    expect(found.ending).toBe('found');
    expect(found.lower).toBeGreaterThan(36);
  });

  test.each(['asked', 'generator'] as const)('stops at a ceiling that is carried (%s)', (by) => {
    const goal: SearchGoal = { ...GOAL, ceiling: { load: 5000, by, why: '' } };
    const found = simulateSearch(goal, () => 'good');
    expect(found).toMatchObject({ ending: 'ceiling', lower: 5000, upper: null, upperBy: null });
    expect(Math.max(...found.trials.map(({ load }) => load))).toBe(5000);
  });

  test('ends at least where the generator gave out, and never calls that a failure of the target', () => {
    const found = simulateSearch(GOAL, (load) => (load <= 9000 ? 'good' : 'invalid'));
    expect(found).toMatchObject({ ending: 'ceiling', upperBy: 'generator' });
    expect(found.lower).toBeGreaterThan(8800);
    expect(found.lower).toBeLessThanOrEqual(9000);
  });

  test('repeats a trial that the generator spoiled by chance', () => {
    const random = new Random(5);
    const found = simulateSearch(GOAL, (load) =>
      random.fraction() < 0.05 ? 'invalid' : load <= 9000 ? 'good' : 'bad',
    );
    expect(found).toMatchObject({ ending: 'found', upperBy: 'target' });
    expect(found.lower).toBeGreaterThan(8800);
  });

  test('goes on below a load that confirming trials refute', () => {
    let confirming = 0;
    const trials: SearchTrial[] = [];
    for (;;) {
      const step = nextStep(GOAL, trials);
      if (step.do === 'end') break;
      const refuted = step.purpose === 'confirm' && step.load > 8000 && ++confirming > 0;
      trials.push({ ...step, verdict: step.load <= 10_000 && !refuted ? 'good' : 'bad' });
    }
    expect(confirming).toBeGreaterThan(7);
    const { lower, upper } = searchBounds(GOAL, trials);
    expect(lower).toBeLessThanOrEqual(8000);
    expect(upper).toBeGreaterThan(8000);
  });

  test('lifts an upper bound that rests on three bad windows in a row', () => {
    let bad = 3;
    const found = simulateSearch(GOAL, (load) => {
      if (load === 8000 && bad > 0) return bad-- > 0 ? 'bad' : 'good';
      return load <= 50_000 ? 'good' : 'bad';
    });
    expect(found.lower).toBeGreaterThan(49_000);
  });
});

describe('classifyLoad', () => {
  test.each([
    ['', 'undecided'],
    ['gg', 'undecided'],
    ['ggg', 'lower'],
    ['bbggg', 'lower'],
    ['bbb', 'upper'],
    ['bb', 'undecided'],
    // A good one among them: a second look of 21 in all.
    ['gbbb', 'undecided'],
    ['gbbbbbbbbbbb', 'upper'],
    ['bbbgggggggggg', 'undecided'],
    ['bbbggggggggggg', 'lower'],
    ['iii', 'ceiling'],
    ['ii', 'undecided'],
    ['iiiggg', 'lower'],
    ['iiibbb', 'upper'],
  ])('takes %j for %s', (letters, expected) => {
    const verdicts = { g: 'good', b: 'bad', i: 'invalid' } as const;
    const trials = Array.from(letters, (letter): SearchTrial => ({
      load: 1,
      purpose: 'search',
      verdict: verdicts[letter as 'g'],
    }));
    expect(classifyLoad(1, [...trials, { load: 2, purpose: 'search', verdict: 'bad' }], GOAL)).toBe(expected);
  });

  test('is never changed by trials that could not change it', () => {
    const rows = fc.array(fc.constantFrom<TrialVerdict>('good', 'bad'), { maxLength: 5 });
    fc.assert(
      fc.property(rows, (verdicts) => {
        const classes = verdicts.map((_, index) =>
          classifyLoad(
            1,
            verdicts.slice(0, index + 1).map((verdict) => ({ load: 1, purpose: 'search', verdict })),
            GOAL,
          ),
        );
        const first = classes.findIndex((found) => found === 'lower');
        if (first >= 0) expect(new Set(classes.slice(first))).toEqual(new Set(['lower']));
      }),
    );
  });
});

describe('a search of a target that stalls by chance', () => {
  test('lands where its capacity is', () => {
    const stalled = summarizeShares(0.15, 200);
    expect(stalled.median).toBeGreaterThan(0.985);
    expect(stalled.most).toBeLessThanOrEqual(1);
    expect(stalled.below(0.91)).toBeLessThanOrEqual(0.01);
  });

  test('one long trial a load does not', () => {
    const random = new Random(9);
    const goal = { ...GOAL, trials: 1, confirmTrials: 1 };
    const shares = Array.from({ length: 200 }, () => {
      const target = stallingTarget(20_000, 0.15, random);
      // A trial of 60 s holds six windows, and fails with any of them.
      const long = (load: number): TrialVerdict =>
        Array.from({ length: 6 }, () => target(load)).includes('bad') ? 'bad' : 'good';
      return (simulateSearch(goal, long).lower ?? 0) / 20_000;
    });
    expect(shares.filter((share) => share < 0.9).length).toBeGreaterThan(100);
  });
});
