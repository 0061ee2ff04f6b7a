import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { onDisk, storeError } from './store-error.ts';
import { textLines } from './text-lines.ts';

/** Faults of a damaged file that are named; the first ones tell enough. */
const FAULTS_NAMED_MAX = 3;

/**
 * The checked content of a JSON file.
 * @throws {OperatingError} when it cannot be read, is not JSON or lacks what `schema` asks for (ERR_STORE)
 */
export function readJsonFile<T>(path: string, schema: z.ZodType<T>): T {
  const text = onDisk('Cannot read', path, () => readFileSync(path, 'utf8'));
  return parseJson(text, schema, path);
}

/**
 * The checked values of a file that has one on each line; a last line that a kill has torn is dropped.
 * @throws {OperatingError} when it cannot be read or a line is damaged, with the line's number (ERR_STORE)
 */
export function readJsonLines<T>(path: string, schema: z.ZodType<T>): T[] {
  const values: T[] = [];
  for (const { text, whole, number } of textLines(path)) {
    if (whole && text.trim() !== '') values.push(parseJson(text, schema, `${path}:${number}`));
  }
  return values;
}

/** A value as people read it in a file or on a terminal, with its line feed. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * The checked content of a JSON text.
 * @param place of the text, for errors
 * @throws {OperatingError} when it is not JSON or lacks what `schema` asks for (ERR_STORE)
 */
export function parseJson<T>(text: string, schema: z.ZodType<T>, place: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw storeError(
      `Cannot read ${place}: it must be JSON, but it is damaged or cut short (${text.length} characters)`,
      error,
    );
  }
  const parsed = schema.safeParse(value);
  // What was read, and not the checked copy, whose keys stand in the schema's order and no longer in the file's.
  if (parsed.success) return value as T;
  throw storeError(`Cannot read ${place}: ${describeFaults(parsed.error)}`, parsed.error);
}

/** The first faults as part of a sentence, each with the key it concerns. */
export function describeFaults(error: z.ZodError): string {
  const named = error.issues.slice(0, FAULTS_NAMED_MAX).map(({ path, message }) => {
    const key = path.length === 0 ? 'the whole' : path.map(String).join('.');
    return `${key}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  });
  const further = error.issues.length - named.length;
  return further > 0 ? `${named.join('; ')}; and ${further} more` : named.join('; ');
}
