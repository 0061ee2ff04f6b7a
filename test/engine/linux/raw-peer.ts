import { createRequire } from 'node:module';

import { present } from '../../../src/base/assert.ts';
import type { TargetAddress } from '../../../src/engine/engine.ts';
import {
  AF_INET,
  FIONREAD,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../../src/engine/linux/abi.ts';
import { loadLibc, type Libc } from '../../../src/engine/linux/libc.ts';
import { NativeBuffer } from '../../../src/engine/linux/native-buffer.ts';
import { writeSockaddr } from '../../../src/engine/linux/sockaddr.ts';

/** libc's calls of a server, which no engine makes. */
interface ServerCalls {
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: number, length: number, flags: number): number;
  getsockname(fd: number, address: number, length: number): number;
}

/** libc, or why its tests are skipped. */
export const LIBC: Libc | null = ((): Libc | null => {
  const libc = loadLibc();
  return 'missing' in libc ? null : libc;
})();

/**
 * A listening socket of the test's own, without a loop: nothing is accepted or read but what the test asks for, so
 * that it knows to the byte what the peer's kernel holds. Its calls never wait.
 */
export class RawListener {
  readonly address: TargetAddress & { family: 4 };
  readonly #libc: Libc = present(LIBC, 'libc');
  readonly #server: ServerCalls = bindServerCalls();
  readonly #fd: number;
  readonly #sockaddr: NativeBuffer = new NativeBuffer(this.#libc, 16);
  readonly #length: NativeBuffer = new NativeBuffer(this.#libc, 4);
  #peers: RawPeer[] = [];

  /** @param backlog Linux queues one connection more. @default receiveBufferBytes the kernel's own, null */
  constructor({
    backlog = 128,
    receiveBufferBytes = null,
  }: { backlog?: number; receiveBufferBytes?: number | null } = {}) {
    this.#fd = this.#libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (receiveBufferBytes !== null) setInts(this.#libc, this.#fd, SO_RCVBUF, [receiveBufferBytes]);
    const length = writeSockaddr(this.#sockaddr.bytes, { family: 4, host: '127.0.0.1', port: 0 });
    this.#must(this.#libc.bind(this.#fd, this.#sockaddr.address, length), 'bind');
    this.#must(this.#server.listen(this.#fd, backlog), 'listen');
    this.#length.bytes.writeUInt32LE(16);
    const { address } = this.#sockaddr;
    this.#must(this.#server.getsockname(this.#fd, address, this.#length.address), 'getsockname');
    this.address = { family: 4, host: '127.0.0.1', port: this.#sockaddr.bytes.readUInt16BE(2) };
  }

  /** The next connection of the queue; null where it is empty. */
  accept(): RawPeer | null {
    this.#length.bytes.writeUInt32LE(16);
    const fd = this.#server.accept4(
      this.#fd,
      this.#sockaddr.address,
      this.#length.address,
      SOCK_NONBLOCK | SOCK_CLOEXEC,
    );
    if (fd < 0) return null;
    const host = [...this.#sockaddr.bytes.subarray(4, 8)].join('.');
    const peer = new RawPeer(this.#libc, fd, host);
    this.#peers.push(peer);
    return peer;
  }

  /** Closes the listener and every connection that it accepted. */
  close(): void {
    for (const peer of this.#peers) peer.close();
    this.#libc.close(this.#fd);
  }

  #must(result: number, call: string): void {
    if (result < 0) throw new Error(`${call} failed with errno ${this.#libc.errno()}`);
  }
}

/** The server's side of one connection. */
export class RawPeer {
  /** The address that the connection came from. */
  readonly host: string;
  readonly #libc: Libc;
  readonly #fd: number;
  #closed: boolean = false;

  constructor(libc: Libc, fd: number, host: string) {
    this.#libc = libc;
    this.#fd = fd;
    this.host = host;
  }

  /** Reads at most `bytes` of what has arrived; null at the end of the stream or when it was reset. */
  read(bytes: number): Uint8Array | null {
    const into = new NativeBuffer(this.#libc, bytes);
    const length = this.#libc.recv(this.#fd, into.address, bytes, 0);
    if (length < 0) return this.#libc.errno() === EAGAIN ? Buffer.alloc(0) : null;
    return length === 0 ? null : Buffer.from(into.bytes.subarray(0, length));
  }

  /** Sends `bytes`, which must be few. */
  write(bytes: Uint8Array): void {
    const from = new NativeBuffer(this.#libc, bytes.length);
    from.bytes.set(bytes);
    const taken = this.#libc.send(this.#fd, from.address, bytes.length, 0);
    if (taken !== bytes.length) throw new Error(`The kernel took ${taken} of ${bytes.length} bytes`);
  }

  /** Bytes that have arrived and were not read. */
  unread(): number {
    const value = new NativeBuffer(this.#libc, 4);
    this.#libc.ioctl(this.#fd, FIONREAD, value.address);
    return value.bytes.readInt32LE(0);
  }

  /** Ends the connection by RST. */
  reset(): void {
    setInts(this.#libc, this.#fd, SO_LINGER, [1, 0]);
    this.close();
  }

  close(): void {
    if (!this.#closed) this.#libc.close(this.#fd);
    this.#closed = true;
  }
}

function setInts(libc: Libc, fd: number, option: number, values: readonly number[]): void {
  const buffer = new NativeBuffer(libc, values.length * 4);
  values.forEach((value, index) => buffer.bytes.writeInt32LE(value, index * 4));
  const result = libc.setsockopt(fd, SOL_SOCKET, option, buffer.address, values.length * 4);
  if (result !== 0) throw new Error(`setsockopt failed with errno ${libc.errno()}`);
}

function bindServerCalls(): ServerCalls {
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(name: string): { func(prototype: string): (...values: number[]) => number };
  };
  const libc = koffi.load('libc.so.6');
  return {
    listen: libc.func('int listen(int, int)'),
    accept4: libc.func('int accept4(int, uintptr_t, uintptr_t, int)'),
    getsockname: libc.func('int getsockname(int, uintptr_t, uintptr_t)'),
  };
}

/** Source: asm-generic/errno-base.h. */
const EAGAIN = 11;
