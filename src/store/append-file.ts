import { appendFileSync, closeSync, fsync, ftruncateSync, openSync, renameSync } from 'node:fs';
import { promisify } from 'node:util';
import { onDisk, storeError } from './store-error.ts';
import { describeSystemError } from '../base/errors.ts';
import { wholeLinesBytes } from './text-lines.ts';

/**
 * A file that only grows, by whole texts. Writing is synchronous: what `append` has returned from is with the kernel
 * and survives a kill of the process; what `sync` has resolved for survives a power failure.
 */
export class AppendFile {
  #path: string;
  readonly #descriptor: number;
  #bytes: number;
  #open = true;

  /**
   * Makes the file.
   * @throws {OperatingError} when it exists or cannot be made (ERR_STORE)
   */
  static create(path: string): AppendFile {
    return new AppendFile(
      path,
      onDisk('Cannot create', path, () => openSync(path, 'ax')),
      0,
    );
  }

  /**
   * Goes on with a file of lines, without the half line that a kill may have left at its end.
   * @throws {OperatingError} when it is not there or cannot be written (ERR_STORE)
   */
  static continue(path: string): AppendFile {
    const bytes = wholeLinesBytes(path);
    const descriptor = onDisk('Cannot write', path, () => openSync(path, 'a'));
    onDisk('Cannot write', path, () => ftruncateSync(descriptor, bytes));
    return new AppendFile(path, descriptor, bytes);
  }

  private constructor(path: string, descriptor: number, bytes: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#bytes = bytes;
  }

  get path(): string {
    return this.#path;
  }

  /** Its length. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {OperatingError} when the disk does not take it, for example because it is full (ERR_STORE) */
  append(text: string | Buffer): void {
    onDisk('Cannot write', this.#path, () => this.#appendOrUndo(text));
  }

  /**
   * Takes back what was appended beyond `bytes`.
   * @throws {OperatingError} when the disk refuses (ERR_STORE)
   */
  truncate(bytes: number): void {
    onDisk('Cannot write', this.#path, () => ftruncateSync(this.#descriptor, bytes));
    this.#bytes = bytes;
  }

  /**
   * Waits, on a thread of Node's pool, until the disk has all that was appended before the call.
   * @throws {OperatingError} when the disk refuses (ERR_STORE)
   */
  async sync(): Promise<void> {
    try {
      await promisify(fsync)(this.#descriptor);
    } catch (error) {
      throw storeError(`Cannot write ${this.#path}: ${describeSystemError(error)}`, error);
    }
  }

  /** Takes the place of the file at `path`, if there is one, all at once. */
  rename(path: string): void {
    onDisk('Cannot replace', path, () => renameSync(this.#path, path));
    this.#path = path;
  }

  /** Harmless when closed already. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    onDisk('Cannot close', this.#path, () => closeSync(this.#descriptor));
  }

  /** Half a text in the middle of the file would make the rest unreadable, so what a full disk took is taken back. */
  #appendOrUndo(text: string | Buffer): void {
    const bytes = typeof text === 'string' ? bytesOf(text) : text;
    try {
      appendFileSync(this.#descriptor, bytes);
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
  }
}

/** The bytes of a text, valid until the next call: a soak appends several a second, and would leave each as garbage. */
function bytesOf(text: string): Buffer {
  if (Buffer.byteLength(text) > SCRATCH.length) return Buffer.from(text, 'utf8');
  return SCRATCH.subarray(0, SCRATCH.write(text, 'utf8'));
}

const SCRATCH = Buffer.allocUnsafe(64 * 1024);
