import {
  formatCount,
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
  UnitError,
} from '../../base/units.ts';

/** What a figure is: it says which unit a threshold's value needs and in which unit the figure is observed. */
export type FigureKind = 'time' | 'count' | 'share' | 'rate' | 'size' | 'byteRate';

/** The unit in which a figure is observed and stored. */
export type FigureUnit = 'us' | 'count' | 'share' | 'perSecond' | 'bytes' | 'bytesPerSecond';

interface KindFacts {
  unit: FigureUnit;
  /** For messages: `is a time`. */
  noun: string;
  /** @throws {UnitError} when the text is no such quantity */
  parse: (text: string) => number;
  /** For people: as many digits as tell the figure from the value it is held against. */
  format: (value: number) => string;
}

const KINDS: Readonly<Record<FigureKind, KindFacts>> = {
  time: { unit: 'us', noun: 'a time', parse: parseDuration, format: formatDuration },
  count: { unit: 'count', noun: 'a count', parse: parseCount, format: formatWhole(formatCount) },
  share: { unit: 'share', noun: 'a share', parse: parseShare, format: formatShare },
  rate: { unit: 'perSecond', noun: 'a rate', parse: parseRate, format: (value) => `${digits(value)}/s` },
  size: { unit: 'bytes', noun: 'a size', parse: parseSize, format: formatWhole(formatSize) },
  byteRate: {
    unit: 'bytesPerSecond',
    noun: 'a size a second',
    parse: parseByteRate,
    format: formatByteRate,
  },
};

/** The unit in which figures of this kind are observed. */
export function unitOf(kind: FigureKind): FigureUnit {
  return KINDS[kind].unit;
}

/**
 * What a kind is called in a sentence.
 * @example nounOf('time') // 'a time'
 */
export function nounOf(kind: FigureKind): string {
  return KINDS[kind].noun;
}

/**
 * The value of a threshold, in the unit of its figure.
 * @throws {UnitError} when the text is no quantity of this kind, with the accepted forms
 * @example parseFigure('share', '0.1%') // 0.001
 */
export function parseFigure(kind: FigureKind, text: string): number {
  return KINDS[kind].parse(text);
}

/**
 * An observed figure for people.
 * @example formatFigure('us', 20_500) // '20.5ms'
 */
export function formatFigure(unit: FigureUnit, value: number): string {
  const facts = Object.values(KINDS).find((candidate) => candidate.unit === unit);
  return facts === undefined ? digits(value) : facts.format(value);
}

const SHARE_FORM = 'a share reads like 0.1% or 0.001, from 0 to 1';
const BYTE_RATE_FORM = 'a size a second reads like 10MB/s or 64KiB/s';

function parseShare(text: string): number {
  const [, decimal, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (decimal === undefined) throw new UnitError(text, 'is not a share', SHARE_FORM);
  // The numeral's own conversion rounds once; a division by a hundred would round twice.
  const share = Number(percent === '%' ? `${decimal}e-2` : decimal);
  if (share > 1) throw new UnitError(text, 'is more than the whole', SHARE_FORM);
  return share;
}

function parseByteRate(text: string): number {
  const [, size] = /^(\S+)\/s$/.exec(text) ?? [];
  if (size === undefined) throw new UnitError(text, 'is not a size a second', BYTE_RATE_FORM);
  return parseSize(size);
}

/** Counts of a shard are corrected downward at times, so that a window's may come out below zero. */
function formatWhole(format: (value: number) => string): (value: number) => string {
  return (value) => (value < 0 || !Number.isSafeInteger(value) ? digits(value) : format(value));
}

function formatShare(value: number): string {
  return `${digits(value * 100)}%`;
}

/** In the unit that leaves one to three digits before the point. */
function formatByteRate(value: number): string {
  const rounded = Number(value.toPrecision(FIGURE_DIGITS));
  const steps = Math.floor(Math.log10(Math.max(1, Math.abs(rounded))) / 3);
  const power = Math.min(steps, BYTE_UNITS.length - 1);
  return `${digits(rounded / 1000 ** power)}${BYTE_UNITS[power]}/s`;
}

/** Six digits, in full from a million on. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(FIGURE_DIGITS));
  return Math.abs(rounded) >= 10 ** FIGURE_DIGITS ? String(Math.round(value)) : String(rounded);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
/** A figure that misses its value by a millionth is told apart from it. */
const FIGURE_DIGITS = 6;
