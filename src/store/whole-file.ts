import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { onDisk } from './store-error.ts';

/**
 * Writes beside the file and renames, so that a reader never sees half of it, not even after a power failure.
 * @throws {OperatingError} when the disk does not take it (ERR_STORE)
 */
export function writeWhole(path: string, text: string): void {
  const unfinished = unfinishedPath(path);
  onDisk('Cannot write', path, () => {
    try {
      writeAndSync(unfinished, text);
      renameSync(unfinished, path);
    } catch (error) {
      // A disk that is full keeps the little room that it has.
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}

/**
 * Likewise, without making the caller's thread wait for the disk.
 * @param isWanted asked when all is on the disk: false leaves the file as it was
 * @throws {Error} what the file system said
 */
export async function replaceWhole(path: string, text: string, isWanted: () => boolean): Promise<void> {
  const unfinished = unfinishedPath(path);
  try {
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isWanted()) renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function writeAndSync(path: string, text: string): void {
  const descriptor = openSync(path, 'w');
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unfinishedPath(path: string): string {
  return `${path}.unfinished`;
}
