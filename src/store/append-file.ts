import { appendFileSync, closeSync, ftruncateSync, openSync } from 'node:fs';
import { onDisk } from './store-error.ts';

/**
 * A file that only grows, by whole texts. Writing is synchronous: what `append` has returned from is with the kernel
 * and survives a kill of the process.
 */
export class AppendFile {
  readonly #path: string;
  readonly #descriptor: number;
  #bytes = 0;
  #open = true;

  /** @throws {OperatingError} when the file exists or cannot be made (ERR_STORE) */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = onDisk('Cannot create', path, () => openSync(path, 'ax'));
  }

  /** @throws {OperatingError} when the disk does not take it, for example because it is full (ERR_STORE) */
  append(text: string): void {
    onDisk('Cannot write', this.#path, () => this.#appendOrUndo(text));
  }

  /** Harmless when closed already. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    onDisk('Cannot close', this.#path, () => closeSync(this.#descriptor));
  }

  /** Half a text in the middle of the file would make the rest unreadable, so what a full disk took is taken back. */
  #appendOrUndo(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    try {
      appendFileSync(this.#descriptor, bytes);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
  }
}
