import { UnitError } from '../base/units.ts';
import type { KeyKind } from './key-kinds.ts';
import { isGroup, type RawGroup, type RawValue } from './raw-tree.ts';
import { EntriesError, ValueError, type EntryFault } from './value-error.ts';

/** What one entry of a list is, which a file writes as a text or as a group of keys. */
export interface EntryForm<T> {
  /** How often the list may hold one. */
  max: number;
  /** What it is called, in the plural: `stages`. */
  plural: string;
  /** Its keys and their JSON schemas. */
  properties: Readonly<Record<string, object>>;
  /** The key that a group must have. */
  required: string;
  /** Names an entry that is at fault. @param count of how many */
  prefix(index: number, count: number): string;
  readText(text: string): T;
  readGroup(entry: RawValue): T;
}

/** The part of a kind that reads a list of such entries: flags give one text each, a variable separates them by commas. */
export function entryListKind<T>(
  form: EntryForm<T>,
): Pick<KeyKind<T[]>, 'read' | 'readItems' | 'readEntries' | 'canBeUnset' | 'json'> {
  const readAll = (entries: readonly RawValue[]): T[] => readEntries(entries, form);
  const { properties, required } = form;
  const group = { type: 'object', additionalProperties: false, required: [required], properties };
  return {
    read: (text) => readAll(text === '' ? [] : text.split(',')),
    readItems: readAll,
    readEntries: readAll,
    canBeUnset: true,
    json: { type: ['array', 'string', 'null'], items: { anyOf: [{ type: 'string' }, group] } },
  };
}

function readEntries<T>(entries: readonly RawValue[], form: EntryForm<T>): T[] {
  const { max, plural } = form;
  if (entries.length > max) {
    throw new ValueError(`must hold at most ${max} ${plural}, current value has ${entries.length}`);
  }
  const faults: EntryFault[] = [];
  const read = entries.flatMap((entry, index): T[] => {
    try {
      return [typeof entry === 'string' ? form.readText(entry) : form.readGroup(entry)];
    } catch (error) {
      if (!(error instanceof ValueError || error instanceof UnitError)) throw error;
      faults.push({ index, message: `${form.prefix(index, entries.length)}${error.message}` });
      return [];
    }
  });
  if (faults.length > 0) throw new EntriesError(faults);
  return read;
}

/**
 * The entry as a group of these keys and no others.
 * @param what the entry is called, with its article: `a stage`
 * @param form what to write instead of a list
 * @throws {ValueError} when it is no group, or has another key
 */
export function groupOf(
  entry: RawValue,
  keys: readonly string[],
  { what, form }: { what: string; form: string },
): RawGroup {
  if (!isGroup(entry)) throw new ValueError(`must be a text or a group of keys${form}`);
  const unknown = Object.keys(entry).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new ValueError(`${unknown} is no key of ${what}; its keys are ${keys.join(', ')}`);
  }
  return entry;
}

/**
 * The text at a key of a group; null where there is none.
 * @throws {ValueError} when a list or a group stands there
 */
export function textAt(entry: RawGroup, key: string): string | null {
  const value = Object.hasOwn(entry, key) ? (entry[key] ?? null) : null;
  if (value === null || typeof value === 'string') return value;
  throw new ValueError(`${key} must be a single value`);
}
