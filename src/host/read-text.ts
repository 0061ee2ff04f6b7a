import { readFileSync } from 'node:fs';

/** How facts are read from /proc and /sys; a table in tests, which stands for machines that are not this one. */
export type ReadText = (path: string) => string;

/** A file's text; empty where it cannot be read, so that what a system does not tell is unknown and no failure. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
