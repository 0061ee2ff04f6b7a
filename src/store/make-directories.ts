import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it that are missing. Node's own recursive form never returns where a file system
 * answers ENOENT for a directory whose parent exists, as /proc does.
 * @throws {Error} what the file system said
 */
export function makeDirectories(path: string): void {
  const parent = dirname(path);
  if (existsSync(path)) return;
  if (parent !== path) makeDirectories(parent);
  mkdirSync(path);
}
