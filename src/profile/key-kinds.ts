import { parseBytes } from '../base/byte-text.ts';
import {
  formatSize,
  formatDuration,
  formatRate,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from '../base/units.ts';
import type { RawValue } from './raw-tree.ts';
import { ValueError } from './value-error.ts';

/** A value as YAML and JSON write it. */
export type PlainValue = string | number | boolean | null | readonly string[];

/** A list whose items may be groups of keys, as YAML and JSON write it; null where it is empty. */
export type PlainEntries = readonly (string | PlainGroup)[] | null;

/** A group of keys in a list. */
export interface PlainGroup {
  readonly [key: string]: string | number | boolean;
}

/** How the values of a key are read, written and described to an editor. */
export interface KeyKind<T> {
  /**
   * The value that a text stands for.
   * @throws {Error} with the value and the accepted forms, when the text stands for none
   */
  read: (text: string) => T;
  /** For keys that take a list: the value that its items stand for; null for keys that take a single value. */
  readItems: ((items: readonly string[]) => T) | null;
  /** For keys whose list may hold groups of keys beside words: reads all its entries in place of `readItems`. */
  readEntries?: (entries: readonly RawValue[]) => T;
  /** The inverse of `read`; null where the value says that the key is not set. */
  write(value: T): PlainValue;
  /** For keys whose list may hold groups of keys: the inverse of `readEntries`, in place of `write`. */
  writeEntries?: (value: T) => PlainEntries;
  /** Whether an empty value takes back what a weaker source gave. */
  canBeUnset: boolean;
  /** JSON Schema keywords of what an editor may accept, before the grammar is checked by a run. */
  json: Readonly<Record<string, unknown>>;
}

/** Least and largest accepted value. */
export interface Range {
  min: number;
  max: number;
}

/** A key that may also be left unset. */
export function nullable<T>(kind: KeyKind<T>): KeyKind<T | null> {
  return {
    read: kind.read,
    readItems: kind.readItems,
    write: (value) => (value === null ? null : kind.write(value)),
    canBeUnset: true,
    json: withNull(kind.json),
  };
}

/** A duration in microseconds, above zero unless zero is allowed. */
export function durationKind(zero: 'zero allowed' | 'above zero'): KeyKind<number> {
  return single({
    read: (text) => {
      const us = parseDuration(text);
      if (us === 0 && zero === 'above zero')
        throw new ValueError(`must be above zero, current value is ${text}`);
      return us;
    },
    write: formatDuration,
    json: { type: 'string', pattern: '^([0-9.]+(ns|us|ms|s|m|h|d))+$' },
  });
}

/** A size in bytes within `range`. */
export function sizeKind(range: Range): KeyKind<number> {
  return single({
    read: (text) => within(parseSize(text), text, range, formatSize),
    write: formatSize,
    json: { type: 'string', pattern: '^[0-9.]+(B|kB|MB|GB|KiB|MiB|GiB)$' },
  });
}

/** A whole number within `range`; k and M are accepted. */
export function countKind(range: Range): KeyKind<number> {
  return single({
    read: (text) => within(parseCount(text), text, range, String),
    write: (value) => value,
    json: { type: ['integer', 'string'], pattern: '^[0-9.]+[kM]?$', minimum: range.min, maximum: range.max },
  });
}

/** A whole number written in digits alone, since a thousand of it means nothing. */
export function integerKind(range: Range): KeyKind<number> {
  return single({
    read: (text) => {
      if (!/^\d+$/.test(text))
        throw new ValueError(`must be a whole number, current value is ${quote(text)}`);
      return within(Number(text), text, range, String);
    },
    write: (value) => value,
    json: { type: 'integer', minimum: range.min, maximum: range.max },
  });
}

/** A rate in events a second, above zero. */
export function rateKind(): KeyKind<number> {
  return single({
    read: (text) => {
      const perSecond = parseRate(text);
      if (perSecond === 0) throw new ValueError(`must be above zero, current value is ${text}`);
      return perSecond;
    },
    write: formatRate,
    json: { type: 'string', pattern: '^[0-9.]+[kM]?/[smh]$' },
  });
}

/** True or false; on and off are accepted, since flags read better with them. */
export function booleanKind(): KeyKind<boolean> {
  return single({
    read: (text) => {
      if (text === 'on' || text === 'true') return true;
      if (text === 'off' || text === 'false') return false;
      throw new ValueError(`must be true, false, on or off, current value is ${quote(text)}`);
    },
    write: (value) => value,
    json: { type: ['boolean', 'string'], enum: [true, false, 'on', 'off'] },
  });
}

/** One of some words. */
export function choiceKind<T extends string>(choices: readonly T[]): KeyKind<T> {
  return single({
    read: (text) => {
      const choice = choices.find((word) => word === text);
      if (choice !== undefined) return choice;
      throw new ValueError(`must be one of ${choices.join(', ')}, current value is ${quote(text)}`);
    },
    write: (value) => value,
    json: { type: 'string', enum: choices },
  });
}

/**
 * Text that stays text. `check` throws where the text does not hold to its grammar.
 * @example textKind((text) => void parseFrameFormat(text))
 */
export function textKind(check: (text: string) => void): KeyKind<string> {
  return single({
    read: (text) => {
      if (text === '') throw new ValueError('must not be empty');
      check(text);
      return text;
    },
    write: (value) => value,
    json: { type: 'string' },
  });
}

/** Bytes as text (see `parseBytes`), of a length within `range`. */
export function bytesKind(range: Range): KeyKind<string> {
  return single({
    read: (text) => {
      const { length } = parseBytes(text);
      if (length < range.min || length > range.max) {
        const limits = `${formatSize(range.min)} to ${formatSize(range.max)}`;
        throw new ValueError(`must have ${limits}, current value has ${formatSize(length)}`);
      }
      return text;
    },
    write: (value) => value,
    json: { type: 'string' },
  });
}

/**
 * A list of words; flags and variables separate them by commas.
 * @param check throws where one item does not hold to its grammar
 * @param checkAll throws where the items are sound and their list is not
 */
export function listKind(
  check: (item: string) => void,
  checkAll: (items: readonly string[]) => void = () => undefined,
): KeyKind<string[]> {
  const readItems = (items: readonly string[]): string[] => {
    for (const item of items) {
      if (item === '') throw new ValueError('must not hold an empty item');
      check(item);
    }
    checkAll(items);
    return [...items];
  };
  return {
    read: (text) => readItems(text === '' ? [] : text.split(',')),
    readItems,
    write: (value) => (value.length === 0 ? null : value),
    canBeUnset: true,
    json: { type: ['array', 'string', 'null'], items: { type: 'string' } },
  };
}

/** A key that takes one value, which cannot be left empty. */
export function single<T>(kind: Pick<KeyKind<T>, 'read' | 'write' | 'json'>): KeyKind<T> {
  return { ...kind, readItems: null, canBeUnset: false };
}

function withNull(json: KeyKind<unknown>['json']): KeyKind<unknown>['json'] {
  const type = [json['type'], 'null'].flat();
  const words = json['enum'];
  return Array.isArray(words) ? { ...json, type, enum: [...words, null] } : { ...json, type };
}

function within(value: number, text: string, range: Range, format: (value: number) => string): number {
  if (value >= range.min && value <= range.max) return value;
  const limits = `between ${format(range.min)} and ${format(range.max)}`;
  throw new ValueError(`must be ${limits}, current value is ${text}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
