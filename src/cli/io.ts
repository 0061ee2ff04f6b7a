import type { Writable } from 'node:stream';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';

/** A stream a command writes to; the two optional properties are those of a terminal. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/** What a command may touch of the process, so that a test can hand it something else. */
export interface Io {
  /** Results. With `--json` exactly one JSON document. */
  stdout: OutputStream;
  /** Progress and diagnostics. */
  stderr: OutputStream;
  env: Record<string, string | undefined>;
}

/** Columns assumed where the stream is not a terminal: the full histogram table fits. */
const WIDTH_WITHOUT_TERMINAL = 100;

/** The streams and the environment of this process. */
export function processIo(): Io {
  return { stdout: process.stdout, stderr: process.stderr, env: process.env };
}

/** How many columns a page on `stream` may use, and whether lines that need more are broken. */
export function pageLayout(stream: OutputStream): { width: number; wrap: boolean } {
  return { width: pageWidth(stream), wrap: stream.columns !== undefined };
}

/** How many columns text on `stream` may use. */
export function pageWidth(stream: OutputStream): number {
  return stream.columns ?? WIDTH_WITHOUT_TERMINAL;
}

/**
 * Whether to colour what goes to `stream`: on a terminal that is not dumb, unless `NO_COLOR` holds anything.
 * Source: https://no-color.org
 */
export function wantsColor(stream: OutputStream, env: Io['env']): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Where runs are stored: the flag, else the environment, else the default. */
export function outDirectory(io: Io, flag: string | undefined): string {
  return flag ?? io.env['TIDEMARK_OUT'] ?? OUT_DIRECTORY_DEFAULT;
}
