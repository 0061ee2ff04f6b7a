import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FAULT_CATALOGUE, FAULT_NAMES } from '../../../src/target/fault/catalogue.ts';
import { FaultFormError, faultSetFaults, parseFault } from '../../../src/target/fault/fault-grammar.ts';
import { formatDuration, formatRate, formatSize } from '../../../src/base/units.ts';

describe('parseFault reads', () => {
  test.each<[form: string, fault: object, share: number | null]>([
    ['never-accept', { name: 'never-accept' }, null],
    ['accept-slowly:5/s', { name: 'accept-slowly', perSecond: 5 }, null],
    ['pause-accept:2s/1s', { name: 'pause-accept', lengthUs: 2e6, startUs: 1e6 }, null],
    ['freeze:500ms/0s', { name: 'freeze', lengthUs: 500_000, startUs: 0 }, null],
    [
      'freeze:1s/5s/100s',
      { name: 'freeze', lengthUs: 1_000_000, startUs: 5_000_000, everyUs: 100_000_000 },
      null,
    ],
    ['close-at-accept@10%', { name: 'close-at-accept' }, 0.1],
    ['fin-mid-frame', { name: 'fin-mid-frame', frames: 0 }, null],
    ['fin-mid-frame:3@0.5%', { name: 'fin-mid-frame', frames: 3 }, 0.005],
    ['reset-mid-frame:1k', { name: 'reset-mid-frame', frames: 1000 }, null],
    ['reset-after:10kB@5%', { name: 'reset-after', bytes: 10_000 }, 0.05],
    ['stop-reading:0B', { name: 'stop-reading', bytes: 0 }, null],
    ['read-slowly:1.5KiB/s', { name: 'read-slowly', bytesPerSecond: 1536 }, null],
    ['never-reply@100%', { name: 'never-reply' }, 1],
    ['delay:5ms', { name: 'delay', rule: { kind: 'fixed', us: 5000 } }, null],
    ['delay:uniform:0s..5ms', { name: 'delay', rule: { kind: 'uniform', minUs: 0, maxUs: 5000 } }, null],
    ['delay:exponential:2ms', { name: 'delay', rule: { kind: 'exponential', meanUs: 2000 } }, null],
    ['delay-grows:1ms/s', { name: 'delay-grows', growth: 0.001 }, null],
    ['delay-grows:60ms/min', { name: 'delay-grows', growth: 0.001 }, null],
    ['delay-grows:3.6s/h', { name: 'delay-grows', growth: 0.001 }, null],
    ['capacity:5k/s@50%', { name: 'capacity', perSecond: 5000 }, 0.5],
    ['corrupt', { name: 'corrupt', frameShare: 1 }, null],
    ['duplicate:1%@2%', { name: 'duplicate', frameShare: 0.01 }, 0.02],
    ['zero-length:0.01%', { name: 'zero-length', frameShare: 0.0001 }, null],
    ['oversize-length:2', { name: 'oversize-length', frames: 2 }, null],
    ['reorder', { name: 'reorder' }, null],
    ['coalesce:8', { name: 'coalesce', frames: 8 }, null],
    ['dribble:1ms', { name: 'dribble', intervalUs: 1000 }, null],
    ['push:30/m', { name: 'push', perSecond: 0.5, stamp: false }, null],
    ['push:50/s,stamp@10%', { name: 'push', perSecond: 50, stamp: true }, 0.1],
  ])('%s', (form, fault, share) => {
    expect(parseFault(form)).toEqual({ text: form, fault, share });
  });

  test.each(FAULT_NAMES)('the example of %s in its own catalogue entry', (name) => {
    expect(parseFault(FAULT_CATALOGUE[name].example).fault.name).toBe(name);
  });

  test('times, rates and sizes as their formatters write them', () => {
    const property = fc.property(
      fc.integer({ min: 1000, max: 1e12 }),
      fc.integer({ min: 1, max: 1e9 }),
      fc.integer({ min: 1, max: 2 ** 50 }),
      (us, perSecond, bytes) => {
        expect(parseFault(`dribble:${formatDuration(us)}`).fault).toMatchObject({ intervalUs: us });
        expect(parseFault(`push:${formatRate(perSecond)}`).fault).toMatchObject({ perSecond });
        expect(parseFault(`reset-after:${formatSize(bytes)}`).fault).toMatchObject({ bytes });
      },
    );
    fc.assert(property);
  });

  test('nothing but fails with the accepted form, whatever the text', () => {
    const forms = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom(...FAULT_NAMES), fc.string(), fc.string())
        .map(([name, args, share]) => `${name}:${args}@${share}`),
    );
    fc.assert(
      fc.property(forms, (form) => {
        try {
          const { share } = parseFault(form);
          expect(share === null || (share > 0 && share <= 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultFormError);
        }
      }),
    );
  });
});

describe('parseFault refuses', () => {
  test.each([
    [
      'an unknown name',
      'reset-afer:1B',
      '"reset-afer" is no fault that Tidemark knows (did you mean reset-after?)',
    ],
    ['a name far from any', 'explode', 'accepted faults: never-accept, accept-slowly'],
    ['nothing', '', '"" is no fault'],
    ['a missing argument', 'delay', 'its argument is missing; it reads like delay:TIME|uniform'],
    ['an argument too many', 'never-reply:3', 'it takes no argument; it reads like never-reply[@SHARE]'],
    ['a size without its unit', 'reset-after:100', '"100" has no unit'],
    ['a reset before the first byte', 'reset-after:0B', 'the size must be above 0'],
    ['a rate that is no size', 'read-slowly:10kB', 'a rate of reading is a size per second'],
    ['a word that is none', 'push:1/s,stmp', 'behind the rate there is nothing but ,stamp'],
    ['a rate of nothing', 'push:0/s', 'the rate must be above 0'],
    ['a pause without a start', 'pause-accept:2s', 'it needs a length and a start'],
    ['a pause of nothing', 'freeze:0s/1s', 'the length must be above 0'],
    [
      'freezes without an end',
      'freeze:1s/0s/1s',
      'the time from one to the next must be longer than the length',
    ],
    ['a freeze of four parts', 'freeze:1s/0s/5s/6s', 'is not a duration'],
    ['a range that runs backwards', 'delay:uniform:5ms..1ms', '1ms must be longer than 5ms'],
    ['half a range', 'delay:uniform:5ms', 'a uniform delay needs its shortest and its longest'],
    ['an unknown distribution', 'delay:normal:5ms', '"normal" is no distribution of delays'],
    ['growth per nothing', 'delay-grows:1ms', 'it needs a time per s, min or h'],
    ['a group of one', 'coalesce:1', 'the number must be from 2 to 65536: current value is 1'],
    ['steps finer than the timer', 'dribble:10us', 'the time must be at least 1ms'],
    ['a share of the whole target', 'freeze:1s/1s@5%', 'it concerns the whole target and takes no share'],
    ['no share', 'reorder@0%', 'a share must be above 0% and at most 100%'],
    ['more than all', 'reorder@101%', 'current value is "101%"'],
    ['a share without its sign', 'reorder@5', 'current value is "5"'],
    ['a share of frames beyond all', 'corrupt:200%', 'a share must be above 0%'],
  ])('%s', (_, form, message) => {
    expect(() => parseFault(form)).toThrow(message);
  });
});

test('faultSetFaults finds shares beyond the whole, and nothing wrong with the whole itself', () => {
  const three = ['reorder@33.3333%', 'corrupt@33.3333%', 'duplicate@33.3334%'].map(parseFault);
  expect(faultSetFaults(three)).toEqual([]);
  expect(faultSetFaults([...three, parseFault('never-reply@5%')])).toEqual([
    'shares must add up to 100% at most, since each is of different connections: current sum is 105%',
  ]);
  expect(faultSetFaults(Array.from({ length: 65 }, () => parseFault('reorder')))[0]).toContain('at most 64');
});
