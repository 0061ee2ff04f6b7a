import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';

import { describeSystemError } from '../../base/errors.ts';
import type { SocketAddress } from './socket-address.ts';

/**
 * The few calls of libc that node:net has no words for: to listen without accepting, to accept one connection, and to
 * ask how much the kernel holds unread. Linux on any 64-bit machine.
 * Source: socket(2), bind(2), listen(2), accept4(2), poll(2), shutdown(2), tcp(7); linux/tcp.h, asm-generic/ioctls.h.
 */
export interface Libc {
  /** A listening socket that nobody accepts from. @throws {Error} with `code` and `syscall` of the call that failed */
  listen(address: SocketAddress, backlog: number): number;
  /** A connection's descriptor, non-blocking; or the name of an error, EAGAIN where none waits. */
  accept(listener: number): number | string;
  /** Resolves when a connection waits, the listener is shut down, or `ms` have passed. */
  dialWaits(listener: number, ms: number): Promise<void>;
  /** The listener's own address, as bytes of a sockaddr. */
  boundAddress(listener: number): Buffer;
  /** Connections that wait to be accepted on a TCP listener. */
  waiting(listener: number): number;
  /** Bytes of a connection that the kernel has received and nobody has read. */
  unreadBytes(fd: number): number;
  /** Refuses new dials and those that wait; a `dialWaits` under way resolves. */
  shutdown(listener: number): void;
  close(fd: number): void;
}

/** Libc, or the sentence that says why there is none. */
export function loadLibc(): Libc | string {
  if (process.platform !== 'linux') {
    return `it needs system calls of Linux, and this is ${process.platform}`;
  }
  try {
    return bindLibc(createRequire(import.meta.url)('koffi') as Koffi);
  } catch (error) {
    return `it needs the optional package koffi, which is not installed or does not load (${describeSystemError(error)})`;
  }
}

/**
 * The part of koffi that is used here, written down because the package is optional: the tool builds without it too.
 */
interface Koffi {
  load(library: string): { func(prototype: string): unknown };
  errno(): number;
}

/** A function of libc: numbers, and buffers for pointers. */
interface NativeCall {
  (...values: readonly (number | string | Buffer | null)[]): number;
  /** The same in a thread of the pool; the last argument is told when it has returned. */
  async(...values: readonly (number | Buffer | (() => void))[]): void;
}

function bindLibc(koffi: Koffi): Libc {
  const calls = declareCalls(koffi);
  const checked = (syscall: string, result: number): number => {
    if (result < 0) throw systemError(syscall, koffi.errno());
    return result;
  };
  return {
    listen(address, backlog) {
      const fd = checked('socket', calls.socket(address.family, SOCK_STREAM | SOCK_FLAGS, 0));
      try {
        if (address.family !== AF_UNIX) calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int32(1), 4);
        checked('bind', calls.bind(fd, address.bytes, address.bytes.length));
        checked('listen', calls.listen(fd, backlog));
      } catch (error) {
        calls.close(fd);
        throw error;
      }
      return fd;
    },
    accept(listener) {
      const fd = calls.accept4(listener, null, null, SOCK_FLAGS);
      return fd >= 0 ? fd : getSystemErrorName(-koffi.errno());
    },
    dialWaits: (listener, ms) => pollOnce(calls.poll, listener, ms),
    boundAddress(listener) {
      const bytes = Buffer.alloc(SOCKADDR_BYTES);
      const length = int32(bytes.length);
      checked('getsockname', calls.getsockname(listener, bytes, length));
      return bytes.subarray(0, length.readInt32LE());
    },
    waiting(listener) {
      const info = Buffer.alloc(TCP_INFO_BYTES);
      checked('getsockopt', calls.getsockopt(listener, IPPROTO_TCP, TCP_INFO, info, int32(info.length)));
      return info.readUInt32LE(TCPI_UNACKED_AT);
    },
    unreadBytes(fd) {
      const bytes = int32(0);
      checked('ioctl', calls.ioctl(fd, FIONREAD, 'void *', bytes));
      return bytes.readInt32LE();
    },
    shutdown: (listener) => void calls.shutdown(listener, SHUT_RDWR),
    close: (fd) => void calls.close(fd),
  };
}

function declareCalls(koffi: Koffi): Record<CallName, NativeCall> {
  const library = koffi.load('libc.so.6');
  const declared = Object.entries(PROTOTYPES).map(([name, prototype]) => [
    name,
    library.func(prototype) as NativeCall,
  ]);
  return Object.fromEntries(declared) as Record<CallName, NativeCall>;
}

const PROTOTYPES = {
  socket: 'int socket(int family, int type, int protocol)',
  setsockopt: 'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
  getsockopt: 'int getsockopt(int fd, int level, int name, void *value, void *length)',
  bind: 'int bind(int fd, const void *address, uint32_t length)',
  listen: 'int listen(int fd, int backlog)',
  getsockname: 'int getsockname(int fd, void *address, void *length)',
  accept4: 'int accept4(int fd, void *address, void *length, int flags)',
  poll: 'int poll(void *fds, unsigned long count, int timeout)',
  shutdown: 'int shutdown(int fd, int how)',
  ioctl: 'int ioctl(int fd, unsigned long request, ...)',
  close: 'int close(int fd)',
} as const;
type CallName = keyof typeof PROTOTYPES;

/** Waits in a thread of the pool, so that the loop goes on. */
function pollOnce(poll: NativeCall, fd: number, ms: number): Promise<void> {
  const pollFd = Buffer.alloc(8);
  pollFd.writeInt32LE(fd, 0);
  pollFd.writeInt16LE(POLLIN, 4);
  return new Promise((resolve) => {
    // The buffer must live as long as the call does: the callback holds it.
    poll.async(pollFd, 1, ms, () => resolve(void pollFd));
  });
}

function systemError(syscall: string, errno: number): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -errno });
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** SOCK_CLOEXEC | SOCK_NONBLOCK */
const SOCK_FLAGS = 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** Up to tcpi_sacked. On a listener tcpi_unacked is the length of the accept queue. */
const TCP_INFO_BYTES = 32;
const TCPI_UNACKED_AT = 24;
const FIONREAD = 0x541b;
const POLLIN = 1;
const SHUT_RDWR = 2;
/** sizeof(struct sockaddr_storage) */
const SOCKADDR_BYTES = 128;
