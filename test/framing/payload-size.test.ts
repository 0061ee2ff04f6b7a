import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Random } from '../../src/base/random.ts';
import {
  fixedSize,
  formatPayloadSize,
  parsePayloadSize,
  PayloadSizeError,
  samplePayloadSize,
  type PayloadSize,
} from '../../src/framing/payload-size.ts';

const MOST = 256 * 1024 * 1024;

const anySize: fc.Arbitrary<PayloadSize> = fc.oneof(
  fc.nat(MOST).map(fixedSize),
  fc
    .tuple(fc.nat(MOST), fc.nat(MOST))
    .map(([a, b]): PayloadSize => ({ kind: 'uniform', minBytes: Math.min(a, b), maxBytes: Math.max(a, b) })),
  fc.tuple(fc.integer({ min: 1, max: MOST }), fc.nat(MOST)).map(([meanBytes, more]): PayloadSize => ({
    kind: 'exponential',
    minBytes: 0,
    maxBytes: Math.min(meanBytes + more, MOST),
    meanBytes,
  })),
  fc
    .tuple(fc.integer({ min: 1, max: MOST }), fc.nat(MOST), fc.integer({ min: 1, max: 5_000_000 }))
    .map(([medianBytes, more, millionths]): PayloadSize => ({
      kind: 'lognormal',
      minBytes: 0,
      maxBytes: Math.min(medianBytes + more, MOST),
      medianBytes,
      sigma: millionths / 1e6,
    })),
);

describe('parsePayloadSize', () => {
  it.each<[string, string, PayloadSize]>([
    ['64B', 'one size', { kind: 'fixed', minBytes: 64, maxBytes: 64 }],
    ['0B', 'empty payloads', { kind: 'fixed', minBytes: 0, maxBytes: 0 }],
    ['256MiB', 'the largest', { kind: 'fixed', minBytes: MOST, maxBytes: MOST }],
    ['uniform:64B..4KiB', 'a range', { kind: 'uniform', minBytes: 64, maxBytes: 4096 }],
    ['uniform:1.5kB..1.5KiB', 'decimal points', { kind: 'uniform', minBytes: 1500, maxBytes: 1536 }],
    ['exponential:256B', '16 means', { kind: 'exponential', minBytes: 0, maxBytes: 4096, meanBytes: 256 }],
    [
      'exponential:256B,max=1KiB',
      'own',
      { kind: 'exponential', minBytes: 0, maxBytes: 1024, meanBytes: 256 },
    ],
    [
      'exponential:200MiB',
      'capped',
      { kind: 'exponential', minBytes: 0, maxBytes: MOST, meanBytes: 209715200 },
    ],
    [
      'lognormal:256B',
      'sigma 1 and 16 medians',
      { kind: 'lognormal', minBytes: 0, maxBytes: 4096, medianBytes: 256, sigma: 1 },
    ],
    [
      'lognormal:256B,max=64KiB,sigma=0.5',
      'settings in any order',
      { kind: 'lognormal', minBytes: 0, maxBytes: 65_536, medianBytes: 256, sigma: 0.5 },
    ],
  ])('reads %s: %s', (spec, _why, size) => {
    expect(parsePayloadSize(spec)).toEqual(size);
  });

  it.each([
    ['', 'nothing'],
    ['64', 'no unit'],
    ['-1B', 'a negative size'],
    ['257MiB', 'more than a frame may carry'],
    ['64B,max=1KiB', 'a setting that a fixed size has not'],
    ['normal:64B', 'an unknown distribution'],
    ['uniform:64B', 'no largest size'],
    ['uniform:64..128B', 'no unit on one side'],
    ['uniform:2KiB..1KiB', 'the wrong way round'],
    ['uniform:1B..2B..3B', 'three sizes'],
    ['uniform:1B..2B,max=1KiB', 'a setting that a range has not'],
    ['exponential:0B', 'a mean of nothing'],
    ['exponential:256B,sigma=1', 'a setting of another distribution'],
    ['exponential:256B,max=255B', 'a maximum below the mean'],
    ['exponential:256B,max=1KiB,max=2KiB', 'a setting twice'],
    ['exponential:256B,max', 'a setting without value'],
    ['exponential:256B,', 'a comma and nothing behind it'],
    ['lognormal:256B,sigma=0', 'no spread'],
    ['lognormal:256B,sigma=5.1', 'more spread than is sensible'],
    ['lognormal:256B,sigma=1e0', 'an exponent'],
    ['lognormal:256B,sigma=-1', 'a negative spread'],
  ])('refuses %s: %s', (spec) => {
    expect(() => parsePayloadSize(spec)).toThrow(PayloadSizeError);
    expect(() => parsePayloadSize(spec)).toThrow(/accepted forms: 64B, uniform:.*exponential:.*lognormal:/);
    expect(() => parsePayloadSize(spec)).toThrow(JSON.stringify(spec));
  });
});

describe('formatPayloadSize', () => {
  it('writes forms that read back as the same size', () => {
    fc.assert(
      fc.property(anySize, (size) => {
        expect(parsePayloadSize(formatPayloadSize(size))).toEqual(size);
      }),
    );
  });

  it.each([
    ['exponential:256B,max=4KiB', 'exponential:256B'],
    ['lognormal:1KiB,sigma=1,max=64KiB', 'lognormal:1KiB,max=64KiB'],
  ])('leaves defaults out: %s is %s', (spec, short) => {
    expect(formatPayloadSize(parsePayloadSize(spec))).toBe(short);
  });
});

describe('samplePayloadSize', () => {
  it('gives whole sizes within the bounds', () => {
    fc.assert(
      fc.property(anySize, fc.integer(), (size, seed) => {
        const random = new Random(seed);
        for (let i = 0; i < 50; i++) {
          const bytes = samplePayloadSize(size, random);
          expect(Number.isSafeInteger(bytes) && bytes >= size.minBytes && bytes <= size.maxBytes).toBe(true);
        }
      }),
    );
  });

  function samples(spec: string): number[] {
    const random = new Random(20);
    const size = parsePayloadSize(spec);
    return Array.from({ length: 100_000 }, () => samplePayloadSize(size, random)).toSorted((a, b) => a - b);
  }

  function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  // Tolerances are about four standard errors of 100,000 samples.
  it('reaches both ends of a uniform range, and its middle on average', () => {
    const sizes = samples('uniform:100B..199B');
    expect([sizes[0], sizes.at(-1)]).toEqual([100, 199]);
    expect(Math.abs(mean(sizes) - 149.5)).toBeLessThan(0.37);
  });

  it('has the mean that an exponential form names, and its median at ln 2 of it', () => {
    const sizes = samples('exponential:10kB');
    expect(Math.abs(mean(sizes) - 10_000)).toBeLessThan(130);
    expect(Math.abs((sizes[50_000] ?? 0) - 10_000 * Math.LN2)).toBeLessThan(130);
  });

  it('has the median that a lognormal form names, and its sigma between the quantiles', () => {
    const sizes = samples('lognormal:10kB,sigma=0.5,max=1MB');
    expect(Math.abs((sizes[50_000] ?? 0) - 10_000)).toBeLessThan(80);
    // The 84.134th percentile of a normal variable lies one deviation above its median.
    expect(Math.abs((sizes[84_134] ?? 0) - 10_000 * Math.exp(0.5))).toBeLessThan(160);
  });

  it('clamps what lies beyond the maximum instead of drawing again', () => {
    const sizes = samples('exponential:10kB,max=10kB');
    const clamped = sizes.filter((size) => size === 10_000).length / sizes.length;
    expect(Math.abs(clamped - Math.exp(-1))).toBeLessThan(0.007);
  });
});
