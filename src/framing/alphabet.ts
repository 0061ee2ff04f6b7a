import { assert } from '../base/assert.ts';

const DIGITS_AND_LETTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/';

/**
 * The first `letters` printable characters that are not in `delimiter`, hexadecimal digits before all others: text
 * made of them never holds the delimiter, and a server that reads lines takes it for text.
 * @param letters at most 48, which a delimiter of 16 bytes always leaves
 */
export function alphabetWithout(delimiter: Uint8Array, letters: number): Uint8Array {
  const free = Buffer.from(DIGITS_AND_LETTERS, 'latin1').filter((byte) => !delimiter.includes(byte));
  assert(free.length >= letters, 'a delimiter leaves letters enough');
  return Uint8Array.from(free.subarray(0, letters));
}
