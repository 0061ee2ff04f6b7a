import { formatBytes, parseBytes } from '../base/byte-text.ts';
import { LENGTH_FIELD_BYTES } from './length-field.ts';
import { DELIMITER_BYTES_MAX, HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX } from './limits.ts';

/** How the length of a frame is told, as parsed from a `--frame` form. */
export type FrameFormat =
  | LengthFrameFormat
  | { kind: 'delimiter'; delimiter: Uint8Array }
  | { kind: 'fixed'; payloadBytes: number }
  | { kind: 'none' };

/** A frame whose header holds the length of what follows. */
export interface LengthFrameFormat {
  kind: 'length';
  width: 'u8' | 'u16' | 'u32' | 'u64' | 'varint';
  /** False for u8 and varint, which have no byte order to choose. */
  littleEndian: boolean;
  /** `+header`: the length counts the header too. */
  countsHeader: boolean;
  /** `@N`: the length field starts at this byte of the header. */
  lengthOffset: number;
  /**
   * `@N/H`: size of the whole header; 0 for a varint without `/H`, whose header ends with its length field. A varint
   * with `/H` has the bytes N..H to itself, and those it does not need are zero.
   */
  headerBytes: number;
}

const FORMS =
  'accepted forms: u8, u16be, u16le, u32be, u32le, u64be, u64le or varint, each with +header (the length counts the ' +
  'header) and @N or @N/H (the length starts at byte N of a header of H bytes) after it; ' +
  'delim:\\n (1 to 16 bytes), fixed:128 (bytes of payload), none';

/** A `--frame` form that could not be read; the message shows the value and lists the accepted forms. */
export class FrameFormatError extends Error {
  constructor(spec: string, what: string) {
    super(`Cannot read frame form ${JSON.stringify(spec)}: ${what}; ${FORMS}`);
    this.name = 'FrameFormatError';
  }
}

/**
 * The frame format that a `--frame` form stands for.
 * @throws {FrameFormatError} when the form is unknown or its numbers contradict each other
 * @example parseFrameFormat('u16le@2/8+header')
 */
export function parseFrameFormat(spec: string): FrameFormat {
  if (spec === 'none') return { kind: 'none' };
  if (spec.startsWith('delim:')) return parseDelimiter(spec);
  if (spec.startsWith('fixed:')) return parseFixed(spec);
  return parseLengthFormat(spec);
}

/** The shortest form that reads back as `format`. */
export function formatFrameFormat(format: FrameFormat): string {
  switch (format.kind) {
    case 'none':
      return 'none';
    case 'delimiter':
      return `delim:${formatBytes(format.delimiter)}`;
    case 'fixed':
      return `fixed:${format.payloadBytes}`;
    case 'length':
      return formatLengthFormat(format);
    default:
      throw format satisfies never;
  }
}

/**
 * How many bytes of a frame's header are not its length field: the size of the header text a profile may give.
 * For a varint these are the bytes before it. 0 where there is no longer header, or no header at all.
 */
export function headerRestBytes(format: FrameFormat): number {
  if (format.kind !== 'length') return 0;
  return format.width === 'varint'
    ? format.lengthOffset
    : format.headerBytes - LENGTH_FIELD_BYTES[format.width];
}

function parseDelimiter(spec: string): FrameFormat {
  const delimiter = readDelimiter(spec);
  if (delimiter.length < 1 || delimiter.length > DELIMITER_BYTES_MAX) {
    throw new FrameFormatError(
      spec,
      `a delimiter must have 1 to ${DELIMITER_BYTES_MAX} bytes, this one has ${delimiter.length}`,
    );
  }
  return { kind: 'delimiter', delimiter };
}

function readDelimiter(spec: string): Uint8Array {
  try {
    return parseBytes(spec.slice('delim:'.length));
  } catch (error) {
    throw new FrameFormatError(spec, error instanceof Error ? error.message : String(error));
  }
}

function parseFixed(spec: string): FrameFormat {
  const digits = spec.slice('fixed:'.length);
  const payloadBytes = /^\d+$/.test(digits) ? Number(digits) : 0;
  if (payloadBytes < 1 || payloadBytes > PAYLOAD_BYTES_MAX) {
    throw new FrameFormatError(
      spec,
      `a fixed size must be a whole number of bytes from 1 to ${PAYLOAD_BYTES_MAX}`,
    );
  }
  return { kind: 'fixed', payloadBytes };
}

/** The length field's name, then its suffixes, of which each may stand once and in either order. */
const LENGTH_FORM =
  /^(?:(?<plain>u8|varint)|(?<wide>u16|u32|u64)(?<order>be|le))(?<suffixes>(?:\+header|@\d{1,9}(?:\/\d{1,9})?)*)$/;

function parseLengthFormat(spec: string): LengthFrameFormat {
  const { plain, wide, order, suffixes = '' } = LENGTH_FORM.exec(spec)?.groups ?? {};
  const width = (plain ?? wide) as LengthFrameFormat['width'] | undefined;
  if (width === undefined) throw new FrameFormatError(spec, 'it is none that Tidemark knows');
  const places = [...suffixes.matchAll(/@(\d+)(?:\/(\d+))?/g)];
  const headers = suffixes.match(/\+header/g) ?? [];
  if (places.length > 1 || headers.length > 1)
    throw new FrameFormatError(spec, 'a suffix may stand only once');
  const lengthOffset = Number(places[0]?.[1] ?? 0);
  const format: LengthFrameFormat = {
    kind: 'length',
    width,
    littleEndian: order === 'le',
    countsHeader: headers.length > 0,
    lengthOffset,
    headerBytes: Number(places[0]?.[2] ?? defaultHeaderBytes(width, lengthOffset)),
  };
  checkHeader(spec, format, places[0]?.[2] !== undefined);
  return format;
}

function formatLengthFormat(format: LengthFrameFormat): string {
  const { width, littleEndian, countsHeader, lengthOffset, headerBytes } = format;
  const hasOrder = width !== 'u8' && width !== 'varint';
  const name = hasOrder ? `${width}${littleEndian ? 'le' : 'be'}` : width;
  const isDefaultSize = headerBytes === defaultHeaderBytes(width, lengthOffset);
  const size = isDefaultSize ? '' : `/${headerBytes}`;
  const place = lengthOffset === 0 && isDefaultSize ? '' : `@${lengthOffset}${size}`;
  return `${name}${countsHeader ? '+header' : ''}${place}`;
}

function defaultHeaderBytes(width: LengthFrameFormat['width'], lengthOffset: number): number {
  return width === 'varint' ? 0 : lengthOffset + LENGTH_FIELD_BYTES[width];
}

function checkHeader(spec: string, format: LengthFrameFormat, hasSize: boolean): void {
  const { width, lengthOffset, headerBytes, countsHeader } = format;
  const lengthEnd = lengthOffset + (width === 'varint' ? 1 : LENGTH_FIELD_BYTES[width]);
  if (hasSize && headerBytes < lengthEnd) {
    throw new FrameFormatError(
      spec,
      `a header of ${headerBytes} bytes ends before its length field, which needs ${lengthEnd}`,
    );
  }
  const whole = Math.max(headerBytes, lengthEnd);
  if (whole > HEADER_BYTES_MAX) {
    throw new FrameFormatError(
      spec,
      `a header must have at most ${HEADER_BYTES_MAX} bytes, this one has ${whole}`,
    );
  }
  if (countsHeader && whole > lengthMax(format)) {
    throw new FrameFormatError(
      spec,
      `a length of at most ${lengthMax(format)} cannot count a header of ${whole} bytes`,
    );
  }
}

/** The largest number that the length field of `format` holds and a double holds exactly. */
export function lengthMax(format: LengthFrameFormat): number {
  const { width, lengthOffset, headerBytes } = format;
  if (width !== 'varint') return Math.min(256 ** LENGTH_FIELD_BYTES[width] - 1, Number.MAX_SAFE_INTEGER);
  if (headerBytes === 0) return Number.MAX_SAFE_INTEGER;
  return Math.min(128 ** (headerBytes - lengthOffset) - 1, Number.MAX_SAFE_INTEGER);
}
