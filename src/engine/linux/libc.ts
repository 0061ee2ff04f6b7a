import { createRequire } from 'node:module';
import { MAP_SHARED_POPULATE, PROT_READ_WRITE, SYS_IO_URING_ENTER, SYS_IO_URING_SETUP } from './abi.ts';

/**
 * The system calls that the engine and the built-in target make, as functions of numbers: descriptors, addresses of buffers and sizes. Each
 * returns what libc's function returns; after -1, `errno()` has the reason. A call costs 200 to 250 ns, of which the
 * smaller part is ours.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: number, length: number): number;
  connect(fd: number, address: number, length: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: number, length: number, flags: number): number;
  getsockname(fd: number, address: number, length: number): number;
  getpeername(fd: number, address: number, length: number): number;
  send(fd: number, bytes: number, length: number, flags: number): number;
  recv(fd: number, bytes: number, length: number, flags: number): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: number, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: number, length: number): number;
  ioctl(fd: number, request: number, value: number): number;
  epollCreate(flags: number): number;
  epollCtl(epoll: number, operation: number, fd: number, event: number): number;
  /** Waits at most the time in the `struct timespec` at `timeout`; null where the C library lacks the call. */
  epollPwait2: ((epoll: number, events: number, maxEvents: number, timeout: number) => number) | null;
  epollWait(epoll: number, events: number, maxEvents: number, timeoutMs: number): number;
  prctl(option: number, value: number): number;
  /** poll(2) in a thread of the pool, so that the loop goes on; `done` is called when it has returned. */
  pollInPool(fds: number, count: number, timeoutMs: number, done: () => void): void;
  unshare(flags: number): number;
  /** Makes a ring of so many entries; `params` is where a `struct io_uring_params` lies. */
  ringSetup(entries: number, params: number): number;
  /** Submits so many entries and waits for so many results; answers how many entries were taken. */
  ringEnter(ring: number, submit: number, results: number, flags: number): number;
  /** Memory of `fd` from `offset` on, shared with the kernel; -1 where there is none. */
  mapShared(length: number, fd: number, offset: number): number;
  munmap(address: number, length: number): number;
  /** Memory that this process has mapped, until it is unmapped. */
  view(address: number, length: number): ArrayBuffer;
  errno(): number;
  /** Where a buffer's bytes are; valid as long as the buffer lives. */
  address(buffer: Uint8Array): number;
}

/** Why the system calls cannot be made here, in one line. */
export interface LibcMissing {
  missing: string;
}

/**
 * Binds libc through koffi, an optional dependency.
 * @returns the calls, or the reason why there are none
 */
export function loadLibc(): Libc | LibcMissing {
  if (process.platform !== 'linux') return { missing: `it needs Linux, and this is ${process.platform}` };
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    return { missing: `it knows the layouts of x64 and arm64, and this is ${process.arch}` };
  }
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    return bind(koffi, koffi.load('libc.so.6'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      return { missing: 'the optional package koffi is not installed (npm install koffi)' };
    }
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { missing: `koffi could not bind libc (${reason})` };
  }
}

function bind(koffi: Koffi, libc: Library): Libc {
  return {
    socket: libc.func('int socket(int, int, int)'),
    bind: libc.func('int bind(int, uintptr_t, uint32_t)'),
    connect: libc.func('int connect(int, uintptr_t, uint32_t)'),
    listen: libc.func('int listen(int, int)'),
    accept4: libc.func('int accept4(int, uintptr_t, uintptr_t, int)'),
    getsockname: libc.func('int getsockname(int, uintptr_t, uintptr_t)'),
    getpeername: libc.func('int getpeername(int, uintptr_t, uintptr_t)'),
    send: libc.func('int64_t send(int, uintptr_t, size_t, int)'),
    recv: libc.func('int64_t recv(int, uintptr_t, size_t, int)'),
    shutdown: libc.func('int shutdown(int, int)'),
    close: libc.func('int close(int)'),
    setsockopt: libc.func('int setsockopt(int, int, int, uintptr_t, uint32_t)'),
    getsockopt: libc.func('int getsockopt(int, int, int, uintptr_t, uintptr_t)'),
    ioctl: libc.func('int ioctl(int, unsigned long, uintptr_t)'),
    epollCreate: libc.func('int epoll_create1(int)'),
    epollCtl: libc.func('int epoll_ctl(int, int, int, uintptr_t)'),
    epollPwait2: bindPwait2(libc),
    epollWait: libc.func('int epoll_wait(int, uintptr_t, int, int)'),
    prctl: libc.func('int prctl(int, unsigned long)'),
    pollInPool: bindPoll(libc),
    unshare: libc.func('int unshare(int)'),
    ...bindRing(libc),
    mapShared: bindMmap(libc),
    munmap: libc.func('int munmap(uintptr_t, size_t)'),
    view: (address, length) => koffi.view(address, length),
    errno: () => koffi.errno(),
    address: (buffer) => Number(koffi.address(buffer)),
  };
}

/** Source: epoll_wait(2): since Linux 5.11 and glibc 2.35. The kernel may still lack what the library has. */
function bindPwait2(libc: Library): Libc['epollPwait2'] {
  try {
    const wait = libc.func('int epoll_pwait2(int, uintptr_t, int, uintptr_t, uintptr_t)');
    return (epoll, events, maxEvents, timeout) => wait(epoll, events, maxEvents, timeout, 0);
  } catch {
    return null;
  }
}

/** The C library has no functions of its own for io_uring. Source: io_uring_setup(2), io_uring_enter(2). */
function bindRing(libc: Library): Pick<Libc, 'ringSetup' | 'ringEnter'> {
  const setup = libc.func('long syscall(long, uint32_t, uintptr_t)');
  const enter = libc.func('long syscall(long, uint32_t, uint32_t, uint32_t, uint32_t, uintptr_t, size_t)');
  return {
    ringSetup: (entries, params) => setup(SYS_IO_URING_SETUP, entries, params),
    ringEnter: (ring, submit, results, flags) =>
      enter(SYS_IO_URING_ENTER, ring, submit, results, flags, 0, 0),
  };
}

function bindMmap(libc: Library): Libc['mapShared'] {
  const mmap = libc.func('int64_t mmap(uintptr_t, size_t, int, int, int, int64_t)');
  return (length, fd, offset) => mmap(0, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
}

function bindPoll(libc: Library): Libc['pollInPool'] {
  const poll = libc.func('int poll(uintptr_t, unsigned long, int)');
  return (fds, count, timeoutMs, done) => poll.async(fds, count, timeoutMs, done);
}

interface Call {
  (...values: number[]): number;
  async(...values: [...number[], () => void]): void;
}

interface Library {
  func(prototype: string): Call;
}

interface Koffi {
  load(name: string): Library;
  errno(): number;
  address(buffer: Uint8Array): bigint | number;
  view(address: number, length: number): ArrayBuffer;
}
