import { MSG_NOSIGNAL } from './abi.ts';
import type { Libc } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';

/**
 * The buffers that all connections share, and the two calls that are made for every frame. The calls hold their
 * addresses: an address is larger than what V8 keeps as a small integer, so passing one that was read from a field, or
 * added up, makes an object of 16 bytes at each call.
 */
export class StreamBuffers {
  /** Where received bytes are put. */
  readonly inbox: Buffer;
  /** Where bytes that are to be sent lie. */
  readonly outbox: Buffer;
  /** recv(2) into the inbox. */
  readonly receive: (fd: number) => number;
  /** send(2) from the outbox's beginning. */
  readonly sendFirst: (fd: number, length: number) => number;
  readonly #libc: Libc;
  readonly #outboxAddress: number;

  constructor(libc: Libc, outboxBytes: number) {
    const inbox = new NativeBuffer(libc, INBOX_BYTES);
    const outbox = new NativeBuffer(libc, outboxBytes);
    const [inboxAddress, outboxAddress] = [inbox.address, outbox.address];
    this.inbox = inbox.bytes;
    this.outbox = outbox.bytes;
    this.receive = (fd) => libc.recv(fd, inboxAddress, INBOX_BYTES, 0);
    this.sendFirst = (fd, length) => libc.send(fd, outboxAddress, length, MSG_NOSIGNAL);
    this.#libc = libc;
    this.#outboxAddress = outboxAddress;
  }

  /** send(2) of `outbox[start, start + length)`. */
  send(fd: number, start: number, length: number): number {
    if (start === 0) return this.sendFirst(fd, length);
    return this.#libc.send(fd, this.#outboxAddress + start, length, MSG_NOSIGNAL);
  }
}

/** One read takes at most this much. */
const INBOX_BYTES = 65_536;
