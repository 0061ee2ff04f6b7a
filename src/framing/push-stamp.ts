import { readU32be, readU32le } from './length-field.ts';

/** A time that the target writes into the payload of frames which it sends of its own accord. */
export interface PushStamp {
  bytes: 4 | 8;
  littleEndian: boolean;
  /** Where in the payload it begins. */
  offset: number;
  unit: PushStampUnit;
  /** `monotonic`: CLOCK_MONOTONIC of this very machine; `wall`: CLOCK_REALTIME, since 1970. */
  clock: 'wall' | 'monotonic';
}

export type PushStampUnit = 's' | 'ms' | 'us' | 'ns';

/** A form of a push stamp that could not be read. */
export class PushStampError extends Error {
  constructor(form: string, what: string) {
    super(
      `${JSON.stringify(form)} is not a push stamp: ${what}; it reads like u64be@0/us/monotonic: u32be, u32le, u64be ` +
        'or u64le, @ and the byte of the payload where it begins, the unit (s, ms, us, ns), the clock (wall, monotonic)',
    );
    this.name = 'PushStampError';
  }
}

/**
 * The stamp that a form `WIDTH@OFFSET/UNIT/CLOCK` stands for.
 * @throws {PushStampError} when the form is none
 * @example parsePushStamp('u64be@0/us/monotonic') // { bytes: 8, littleEndian: false, offset: 0, ... }
 */
export function parsePushStamp(form: string): PushStamp {
  const [place = '', unit = '', clock = '', ...more] = form.split('/');
  const [width = '', offset = '', ...places] = place.split('@');
  if (more.length > 0 || places.length > 0) throw new PushStampError(form, 'it has too many parts');
  const [, bits, order] = /^u(32|64)(be|le)$/.exec(width) ?? [];
  if (bits === undefined) throw new PushStampError(form, `${JSON.stringify(width)} is no width`);
  if (!/^(0|[1-9]\d{0,8})$/.test(offset)) {
    throw new PushStampError(form, `${JSON.stringify(offset)} is no byte of a payload`);
  }
  if (!isUnit(unit)) throw new PushStampError(form, `${JSON.stringify(unit)} is no unit`);
  if (clock !== 'wall' && clock !== 'monotonic') {
    throw new PushStampError(form, `${JSON.stringify(clock)} is no clock`);
  }
  return {
    bytes: bits === '32' ? 4 : 8,
    littleEndian: order === 'le',
    offset: Number(offset),
    unit,
    clock,
  };
}

/** The first byte of the payload behind the stamp: the least size of a payload that holds it. */
export function pushStampEnd({ offset, bytes }: PushStamp): number {
  return offset + bytes;
}

/**
 * How long before `nowUs` the stamp at `bytes[at]` was taken, in microseconds; negative where it lies ahead. It is read
 * in two halves of 32 bits, since BigInt allocates: of nanoseconds since 1970 a quarter of a microsecond is lost.
 *
 * A stamp of 32 bits counts round and round: of all times that it may mean, the one nearest to `nowUs` is taken.
 * @param nowUs by the stamp's clock
 */
export function pushStampAgeUs(stamp: PushStamp, bytes: Uint8Array, at: number, nowUs: number): number {
  const unitUs = UNIT_US[stamp.unit];
  const read = stamp.littleEndian ? readU32le : readU32be;
  if (stamp.bytes === 4) {
    const apart = nowUs / unitUs - read(bytes, at);
    return (apart - Math.round(apart / WORD) * WORD) * unitUs;
  }
  const high = read(bytes, stamp.littleEndian ? at + 4 : at);
  const low = read(bytes, stamp.littleEndian ? at : at + 4);
  return nowUs - high * (WORD * unitUs) - low * unitUs;
}

const WORD = 2 ** 32;
const UNIT_US: Readonly<Record<PushStampUnit, number>> = { s: 1e6, ms: 1000, us: 1, ns: 0.001 };

function isUnit(text: string): text is PushStampUnit {
  return Object.hasOwn(UNIT_US, text);
}
