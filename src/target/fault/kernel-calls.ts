import {
  AF_UNIX,
  FIONREAD,
  IPPROTO_TCP,
  POLLIN,
  SHUT_RDWR,
  SO_ATTACH_FILTER,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOCKADDR_BYTES_MAX,
  SOL_SOCKET,
  TCP_INFO,
  TCP_INFO_LAYOUT,
  TCP_QUICKACK,
} from '../../engine/linux/abi.ts';
import { errnoName } from '../../engine/linux/errno.ts';
import { loadLibc, type Libc } from '../../engine/linux/libc.ts';
import { NativeBuffer } from '../../engine/linux/native-buffer.ts';
import type { SocketAddress } from './socket-address.ts';

/**
 * What the target asks of the kernel that node:net has no words for: to listen without accepting, to accept one
 * connection, to take in no more of one, and to say how much of it is unread.
 * Source: socket(2), bind(2), listen(2), accept4(2), poll(2), shutdown(2), socket(7), tcp(7).
 */
export class KernelCalls {
  readonly #libc: Libc;
  readonly #value: NativeBuffer;
  readonly #length: NativeBuffer;
  readonly #dropAll: DropFilter;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#value = new NativeBuffer(libc, Math.max(SOCKADDR_BYTES_MAX, TCP_INFO_LAYOUT.bytes));
    this.#length = new NativeBuffer(libc, 4);
    this.#dropAll = new DropFilter(libc);
  }

  /** A listening socket that nobody accepts from. @throws {Error} with `code` and `syscall` of the call that failed */
  listen(address: SocketAddress, backlog: number): number {
    const libc = this.#libc;
    const fd = this.#checked('socket', libc.socket(address.family, SOCK_STREAM | SOCK_FLAGS, 0));
    try {
      if (address.family !== AF_UNIX) this.#setInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      const length = address.bytes.copy(this.#value.bytes);
      this.#checked('bind', libc.bind(fd, this.#value.address, length));
      this.#checked('listen', libc.listen(fd, backlog));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
    return fd;
  }

  /** A connection's descriptor, non-blocking; or the name of an error, EAGAIN where none waits. */
  accept(listener: number): number | string {
    const fd = this.#libc.accept4(listener, 0, 0, SOCK_FLAGS);
    return fd >= 0 ? fd : errnoName(this.#libc.errno());
  }

  /** Resolves when a connection waits, the listener is shut down, or `ms` have passed; waits in a thread of the pool. */
  dialWaits(listener: number, ms: number): Promise<void> {
    const pollFd = new NativeBuffer(this.#libc, 8);
    pollFd.bytes.writeInt32LE(listener, 0);
    pollFd.bytes.writeInt16LE(POLLIN, 4);
    return new Promise((resolve) => {
      // The buffer must live as long as the call does: the callback holds it.
      this.#libc.pollInPool(pollFd.address, 1, ms, () => resolve(void pollFd));
    });
  }

  /** The listener's own address, as bytes of a sockaddr. */
  boundAddress(listener: number): Buffer {
    this.#length.bytes.writeUInt32LE(SOCKADDR_BYTES_MAX, 0);
    const result = this.#libc.getsockname(listener, this.#value.address, this.#length.address);
    this.#checked('getsockname', result);
    return Buffer.from(this.#value.bytes.subarray(0, this.#length.bytes.readUInt32LE(0)));
  }

  /** Connections that wait to be accepted on a TCP listener; null where the kernel's answer ends before their number. */
  waiting(listener: number): number | null {
    this.#length.bytes.writeUInt32LE(TCP_INFO_LAYOUT.bytes, 0);
    const { address, bytes } = this.#value;
    const result = this.#libc.getsockopt(listener, IPPROTO_TCP, TCP_INFO, address, this.#length.address);
    this.#checked('getsockopt', result);
    const told = this.#length.bytes.readUInt32LE(0);
    return told >= TCP_INFO_LAYOUT.unacked + 4 ? bytes.readUInt32LE(TCP_INFO_LAYOUT.unacked) : null;
  }

  /** Bytes of a connection that the kernel has received and nobody has read. */
  unreadBytes(fd: number): number {
    this.#checked('ioctl', this.#libc.ioctl(fd, FIONREAD, this.#value.address));
    return this.#value.bytes.readInt32LE(0);
  }

  /**
   * From now on the kernel takes in nothing more of a TCP connection, and what it has is acknowledged: what is then
   * read and unread stays, to the byte, what the client's kernel knows to have arrived. A RST that came behind an
   * acknowledgement that is still delayed (tcp(7), TCP_QUICKACK) would leave the two sides with different counts.
   */
  seal(fd: number): void {
    const { address, length } = this.#dropAll;
    this.#checked('setsockopt', this.#libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, address, length));
    this.#setInt(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
  }

  /** Refuses new dials and those that wait; a `dialWaits` under way resolves. */
  shutdown(listener: number): void {
    this.#libc.shutdown(listener, SHUT_RDWR);
  }

  close(fd: number): void {
    this.#libc.close(fd);
  }

  #setInt(fd: number, level: number, name: number, value: number): void {
    this.#value.bytes.writeInt32LE(value, 0);
    this.#checked('setsockopt', this.#libc.setsockopt(fd, level, name, this.#value.address, 4));
  }

  #checked(syscall: string, result: number): number {
    if (result >= 0) return result;
    const errno = this.#libc.errno();
    const code = errnoName(errno);
    throw Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -errno });
  }
}

/** The calls, or the sentence that says why there are none. */
export function loadKernelCalls(): KernelCalls | string {
  const libc = loadLibc();
  return 'missing' in libc ? libc.missing : new KernelCalls(libc);
}

/**
 * A socket filter that lets nothing pass: a `struct sock_fprog` of one instruction, `ret #0`. Segments that a filter
 * refuses are dropped before TCP sees them, so that they are neither received nor acknowledged.
 * Source: linux/filter.h (struct sock_filter: code u16, jt u8, jf u8, k u32), Documentation/networking/filter.rst.
 */
class DropFilter {
  readonly length: number = 16;
  readonly #program: NativeBuffer;
  readonly #header: NativeBuffer;

  constructor(libc: Libc) {
    this.#program = new NativeBuffer(libc, 8);
    this.#program.bytes.writeUInt16LE(BPF_RET, 0);
    this.#header = new NativeBuffer(libc, this.length);
    this.#header.bytes.writeUInt16LE(1, 0);
    this.#header.bytes.writeBigUInt64LE(BigInt(this.#program.address), 8);
  }

  get address(): number {
    return this.#header.address;
  }
}

const SOCK_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;
/** The instruction that ends a filter with a constant, here 0 (BPF_RET | BPF_K of linux/bpf_common.h). */
const BPF_RET = 0x06;
