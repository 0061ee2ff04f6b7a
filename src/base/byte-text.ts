/**
 * Bytes as users write them in profiles and flags: text (UTF-8) with escapes, or the whole in hexadecimal. The two
 * functions are inverse: parseBytes(formatBytes(x)) equals x.
 */

const FORMS =
  'bytes read like ping\\r\\n (escapes \\n \\r \\t \\0 \\\\ \\xHH), or as a whole like hex:00ff10';

/** Bytes that could not be read; the message shows the value and the accepted forms. */
export class ByteTextError extends Error {
  constructor(what: string) {
    super(`${what}; ${FORMS}`);
    this.name = 'ByteTextError';
  }
}

const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, '0': 0x00, '\\': 0x5c };

/**
 * The bytes that `text` stands for.
 * @throws {ByteTextError} on an unknown escape, an odd number of hexadecimal digits or half a surrogate pair
 * @example parseBytes('hi\\n') // 68 69 0a
 * @example parseBytes('hex:00ff10') // 00 ff 10
 */
export function parseBytes(text: string): Uint8Array {
  if (text.startsWith('hex:')) return parseHex(text);
  if (/\p{Surrogate}/u.test(text)) throw new ByteTextError('The text holds half a surrogate pair');
  const parts: Uint8Array[] = [];
  for (const [part] of text.matchAll(/\\(?:x[0-9a-fA-F]{2}|[\s\S]|$)|[^\\]+/gu)) {
    parts.push(part.startsWith('\\') ? Uint8Array.of(escapedByte(part)) : Buffer.from(part, 'utf8'));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function parseHex(text: string): Uint8Array {
  const digits = text.slice('hex:'.length);
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) {
    throw new ByteTextError(`${JSON.stringify(text)} must hold pairs of hexadecimal digits`);
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

function escapedByte(escape: string): number {
  if (/^\\x../.test(escape)) return Number.parseInt(escape.slice(2), 16);
  const byte = ESCAPES[escape.slice(1)];
  if (byte === undefined) throw new ByteTextError(`'${escape}' is not an escape`);
  return byte;
}

/**
 * `bytes` as text where at least half of it is readable, else as `hex:`.
 * @example formatBytes(Uint8Array.of(0x68, 0x69, 0x0a)) // 'hi\\n'
 */
export function formatBytes(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  const isReadable =
    text !== null && (text.match(/[^\p{C}\p{Z}]|[ \n\r\t]/gu) ?? []).length * 2 >= text.length;
  if (!isReadable) return `hex:${Buffer.from(bytes).toString('hex')}`;
  const escaped = text.replace(/[\p{Cc}\\]/gu, escapeCharacter);
  // Text that happens to begin like the hexadecimal form must not be read as one.
  return escaped.startsWith('hex:') ? `\\x68${escaped.slice(1)}` : escaped;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const name = Object.keys(ESCAPES).find((key) => ESCAPES[key] === code);
  if (name !== undefined) return `\\${name}`;
  // A C1 control takes two bytes in UTF-8, each of which is escaped by itself.
  return Array.from(
    Buffer.from(character, 'utf8'),
    (byte) => `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
