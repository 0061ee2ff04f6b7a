import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  parsePushStamp,
  pushStampAgeUs,
  PushStampError,
  pushStampEnd,
} from '../../src/framing/push-stamp.ts';

describe('parsePushStamp', () => {
  test('reads width, byte order, place, unit and clock', () => {
    expect(parsePushStamp('u64be@0/us/monotonic')).toEqual({
      bytes: 8,
      littleEndian: false,
      offset: 0,
      unit: 'us',
      clock: 'monotonic',
    });
    const stamp = parsePushStamp('u32le@12/s/wall');
    expect(stamp).toEqual({ bytes: 4, littleEndian: true, offset: 12, unit: 's', clock: 'wall' });
    expect(pushStampEnd(stamp)).toBe(16);
  });

  test.each([
    ['', '"" is no width'],
    ['u16be@0/us/wall', '"u16be" is no width'],
    ['u64@0/us/wall', '"u64" is no width'],
    ['u64be/us/wall', '"" is no byte of a payload'],
    ['u64be@-1/us/wall', '"-1" is no byte of a payload'],
    ['u64be@01/us/wall', '"01" is no byte of a payload'],
    ['u64be@1@2/us/wall', 'it has too many parts'],
    ['u64be@0/min/wall', '"min" is no unit'],
    ['u64be@0/toString/wall', '"toString" is no unit'],
    ['u64be@0/us', '"" is no clock'],
    ['u64be@0/us/utc', '"utc" is no clock'],
    ['u64be@0/us/wall/x', 'it has too many parts'],
  ])('refuses %s', (form, why) => {
    expect(() => parsePushStamp(form)).toThrow(PushStampError);
    expect(() => parsePushStamp(form)).toThrow(`${why}; it reads like u64be@0/us/monotonic`);
  });
});

const UNITS_NS = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;

describe('pushStampAgeUs', () => {
  test('tells the age of every stamp of 64 bits to a microsecond and the unit it is in', () => {
    const property = fc.property(
      fc.constantFrom('s', 'ms', 'us', 'ns' as const),
      fc.boolean(),
      fc.nat(20),
      fc.bigInt({ min: 0n, max: 2_000_000_000_000_000_000n }),
      fc.bigInt({ min: -3_600_000_000_000n, max: 3_600_000_000_000n }),
      (unit, littleEndian, at, takenNs, ageNs) => {
        const bytes = new Uint8Array(at + 8);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(at, takenNs / UNITS_NS[unit], littleEndian);
        const stamp = parsePushStamp(`u64${littleEndian ? 'le' : 'be'}@0/${unit}/wall`);
        const nowUs = Number((takenNs + ageNs) / 1000n);
        const ageUs = pushStampAgeUs(stamp, bytes, at, nowUs);
        const stampedNs = takenNs - (takenNs % UNITS_NS[unit]);
        expect(Math.abs(ageUs - Number(takenNs + ageNs - stampedNs) / 1000)).toBeLessThan(1.5);
      },
    );
    fc.assert(property);
  });

  test('takes a stamp of 32 bits for the time nearest to now, however often it went round', () => {
    const stamp = parsePushStamp('u32be@0/us/wall');
    const bytes = new Uint8Array(4);
    const view = new DataView(bytes.buffer);
    for (const nowUs of [5000, 2 ** 32 + 10, 7 * 2 ** 32 - 3, 1.8e15]) {
      for (const ageUs of [-2000, 0, 1, 999_999, 3_600_000_000 / 2]) {
        view.setUint32(0, (nowUs - ageUs) % 2 ** 32);
        expect(pushStampAgeUs(stamp, bytes, 0, nowUs)).toBe(ageUs);
      }
    }
  });
});
