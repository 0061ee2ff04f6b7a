import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatRate,
  formatSize,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
  UnitError,
} from '../../src/base/units.ts';

const wholeNumbers = fc.oneof(fc.maxSafeNat(), fc.nat(100_000));

describe('parseDuration', () => {
  it.each<[string, number, string]>([
    ['250ms', 250_000, 'one unit'],
    ['1h30m', 5_400_000_000, 'two units'],
    ['1d2h3m4s5ms6us7ns', 93_784_005_006.007, 'every unit'],
    ['10s', 10_000_000, 'seconds'],
    ['500us', 500, 'microseconds as they are'],
    ['1.5s', 1_500_000, 'a fraction'],
    ['1m0.5s', 60_500_000, 'a fraction in the last part'],
    ['1.1s', 1_100_000, 'a fraction that doubles cannot hold'],
    ['1ns', 0.001, 'the finest step'],
    ['0s', 0, 'nothing, which still has a unit'],
    ['100000d', 8.64e15, 'the longest'],
  ])('reads %s as %d us: %s', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  it.each([
    ['3', 'has no unit'],
    ['1.5', 'has no unit'],
    ['', 'is not a duration'],
    ['abc 5s', 'is not a duration'],
    ['1,5s', 'is not a duration'],
    ['-1s', 'is not a duration'],
    ['.5s', 'is not a duration'],
    ['5.s', 'is not a duration'],
    ['1e3s', 'is not a duration'],
    ['10 s', 'is not a duration'],
    ['10S', 'is not a duration'],
    ['1.5h30m', 'is not a duration'],
    ['10s\n', 'is not a duration'],
    ['30m1h', 'must go from long to short units'],
    ['1s1s', 'must go from long to short units'],
    ['0.5ns', 'is finer than a nanosecond'],
    ['100001d', 'is longer than 100000d'],
  ])('refuses %j, which %s, and shows the accepted forms', (text, why) => {
    expect(() => parseDuration(text)).toThrow(UnitError);
    const shown = `${JSON.stringify(text)} ${why}; a duration reads like 250ms, 10s or 1h30m`;
    expect(() => parseDuration(text)).toThrow(shown);
  });
});

describe('formatDuration', () => {
  it.each<[number, string, string]>([
    [0, '0s', 'nothing'],
    [0.001, '1ns', 'the finest step'],
    [250_000, '250ms', 'no fraction below one'],
    [1_500_000, '1.5s', 'a fraction above one'],
    [90_000_000, '90s', 'one unit where it is shorter'],
    [60_000_000, '1m', 'the longest unit that fits'],
    [3_661_000_000, '1h1m1s', 'several units where one would be a long number'],
    [90_500_000, '1m30.5s', 'the rest in one unit'],
  ])('writes %d us as %s: %s', (us, text) => {
    expect(formatDuration(us)).toBe(text);
  });

  it('writes what parseDuration reads back as the same number', () => {
    const nanoseconds = fc
      .bigInt({ min: 0n, max: 8_640_000_000_000_000_000n })
      .map((ns) => Number(`${ns}e-3`));
    const microseconds = fc.maxSafeNat().map((us) => Math.min(us, 8.64e15));
    const round = fc.nat(100_000).map((seconds) => seconds * 1_000_000);
    fc.assert(
      fc.property(fc.oneof(nanoseconds, microseconds, round), (us) => {
        expect(parseDuration(formatDuration(us))).toBe(us);
      }),
    );
  });
});

describe('parseSize', () => {
  it.each<[string, number, string]>([
    ['64B', 64, 'bytes'],
    ['1KiB', 1024, 'a 1024-based unit'],
    ['1.5MiB', 1_572_864, 'a fraction that is whole in bytes'],
    ['10kB', 10_000, 'a 1000-based unit'],
    ['1MB', 1_000_000, 'a million'],
    ['2GiB', 2_147_483_648, 'beyond 32 bits'],
    ['3GB', 3_000_000_000, 'a thousand million'],
    ['4.35kB', 4350, 'a fraction that doubles would miss'],
  ])('reads %s as %d: %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ['64', 'has no unit'],
    ['64KB', 'is not a size'],
    ['64kb', 'is not a size'],
    ['64K', 'is not a size'],
    ['-1B', 'is not a size'],
    ['1 B', 'is not a size'],
    ['0x10B', 'is not a size'],
    ['1.5B', 'is not a whole number of bytes'],
    ['9007199254740992B', 'is above 2^53 - 1'],
  ])('refuses %j, which %s, and shows the accepted forms', (text, why) => {
    expect(() => parseSize(text)).toThrow(`${JSON.stringify(text)} ${why}; a size reads like 64B, 1KiB`);
  });
});

describe('formatSize', () => {
  it.each<[number, string]>([
    [0, '0B'],
    [64, '64B'],
    [1000, '1kB'],
    [1001, '1001B'],
    [1024, '1KiB'],
    [1536, '1536B'],
    [1_572_864, '1.5MiB'],
    [2_000_000, '2MB'],
  ])('writes %d as %s, its shortest form', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('writes what parseSize reads back as the same number', () => {
    const round = fc.tuple(fc.nat(1023), fc.constantFrom(1024, 1000, 1024 ** 2, 1e6, 1024 ** 3, 1e9));
    const bytes = fc.oneof(
      wholeNumbers,
      round.map(([count, unit]) => count * unit),
    );
    fc.assert(
      fc.property(bytes, (size) => {
        expect(parseSize(formatSize(size))).toBe(size);
      }),
    );
  });
});

describe('parseCount', () => {
  it.each<[string, number, string]>([
    ['1000', 1000, 'digits alone'],
    ['10k', 10_000, 'thousands'],
    ['1.5M', 1_500_000, 'millions'],
    ['0', 0, 'nothing'],
  ])('reads %s as %d: %s', (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  it.each([
    ['', 'is not a count'],
    ['10K', 'is not a count'],
    ['1_000', 'is not a count'],
    ['1e3', 'is not a count'],
    ['-5', 'is not a count'],
    ['1.5', 'is not a whole number'],
    ['1.2345k', 'is not a whole number'],
    ['9007199254740992', 'is above 2^53 - 1'],
  ])('refuses %j, which %s, and shows the accepted forms', (text, why) => {
    expect(() => parseCount(text)).toThrow(
      `${JSON.stringify(text)} ${why}; a count reads like 1000, 10k or 1.5M`,
    );
  });
});

describe('formatCount', () => {
  it.each<[number, string]>([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [1234, '1234'],
    [2_500_000, '2.5M'],
  ])('writes %d as %s, its shortest form', (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it('writes what parseCount reads back as the same number', () => {
    fc.assert(
      fc.property(wholeNumbers, (count) => {
        expect(parseCount(formatCount(count))).toBe(count);
      }),
    );
  });
});

describe('parseRate', () => {
  it.each<[string, number, string]>([
    ['10k/s', 10_000, 'thousands a second'],
    ['500/s', 500, 'a second'],
    ['1.5M/s', 1_500_000, 'millions a second'],
    ['30/m', 0.5, 'a minute'],
    ['1/h', 1 / 3600, 'an hour'],
    ['0/s', 0, 'nothing'],
  ])('reads %s as %d a second: %s', (text, perSecond) => {
    expect(parseRate(text)).toBe(perSecond);
  });

  it.each([
    ['5', 'has no unit'],
    ['10k', 'has no unit'],
    ['10/ms', 'is not a rate'],
    ['10/min', 'is not a rate'],
    ['10 /s', 'is not a rate'],
    ['10K/s', 'is not a rate'],
    ['-1/s', 'is not a rate'],
    ['1001M/s', 'is above 1000M/s'],
    [`1${'0'.repeat(400)}/s`, 'is above 1000M/s'],
  ])('refuses %j, which %s, and shows the accepted forms', (text, why) => {
    expect(() => parseRate(text)).toThrow(
      `${JSON.stringify(text)} ${why}; a rate reads like 500/s, 10k/s or 30/m`,
    );
  });
});

describe('formatRate', () => {
  it.each<[number, string, string]>([
    [500, '500/s', 'plain'],
    [10_000, '10k/s', 'thousands'],
    [0.5, '0.5/s', 'a short fraction'],
    [1 / 60, '1/m', 'a minute where a second needs a long fraction'],
    [1 / 3600, '1/h', 'an hour likewise'],
    [0, '0/s', 'nothing'],
    [1e-7, '0.0000001/s', 'no exponent'],
  ])('writes %d a second as %s: %s', (perSecond, text) => {
    expect(formatRate(perSecond)).toBe(text);
  });

  it('writes what parseRate reads back as the same number', () => {
    const rates = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 1_000_000_000 }),
      fc.nat(1_000_000).map((perMinute) => perMinute / 60),
      fc.nat(1_000_000).map((perHour) => perHour / 3600),
    );
    fc.assert(
      fc.property(rates, (rate) => {
        expect(parseRate(formatRate(rate))).toBe(rate);
      }),
    );
  });
});
