import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { onDisk } from './store-error.ts';

/** A line of a text file. */
export interface TextLine {
  text: string;
  /** From 1. */
  number: number;
  /** False for a last line without its line feed: it may have been torn by a kill. */
  whole: boolean;
}

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * The lines of a file, one at a time: the logs of a long soak do not fit into memory. Empty lines come too.
 * @throws {OperatingError} when the file cannot be read (ERR_STORE)
 */
export function* textLines(path: string): Generator<TextLine> {
  const descriptor = onDisk('Cannot read', path, () => openSync(path, 'r'));
  try {
    yield* splitLines(chunks(descriptor, path));
  } finally {
    closeSync(descriptor);
  }
}

function* chunks(descriptor: number, path: string): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const length = onDisk('Cannot read', path, () => readSync(descriptor, chunk, 0, CHUNK_BYTES, null));
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}

/** Cuts at bytes, not at characters, so that a character across two chunks stays whole. */
function* splitLines(parts: Iterable<Buffer>): Generator<TextLine> {
  let unfinished: Buffer[] = [];
  let number = 1;
  for (const part of parts) {
    let start = 0;
    for (let end = part.indexOf(LINE_FEED); end >= 0; end = part.indexOf(LINE_FEED, start)) {
      // Most lines lie in one part: to join it would be garbage of the file's own size.
      const text =
        unfinished.length === 0
          ? part.toString('utf8', start, end)
          : Buffer.concat([...unfinished, part.subarray(start, end)]).toString('utf8');
      yield { text, number, whole: true };
      if (unfinished.length > 0) unfinished = [];
      number += 1;
      start = end + 1;
    }
    if (start < part.length) unfinished.push(Buffer.from(part.subarray(start)));
  }
  if (unfinished.length > 0) {
    yield { text: Buffer.concat(unfinished).toString('utf8'), number, whole: false };
  }
}

/**
 * How many bytes of a file are whole lines: up to and with its last line feed.
 * @throws {OperatingError} when the file cannot be read (ERR_STORE)
 */
export function wholeLinesBytes(path: string): number {
  const descriptor = onDisk('Cannot read', path, () => openSync(path, 'r'));
  try {
    let end = onDisk('Cannot read', path, () => fstatSync(descriptor).size);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    while (end > 0) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const read = onDisk('Cannot read', path, () => readSync(descriptor, chunk, 0, end - start, start));
      const last = chunk.subarray(0, read).lastIndexOf(LINE_FEED);
      if (last >= 0) return start + last + 1;
      end = start;
    }
    return 0;
  } finally {
    closeSync(descriptor);
  }
}
