import { isIPv6 } from 'node:net';

import { describeSystemError } from '../../base/errors.ts';
import type { SocketOptions } from '../socket-options.ts';
import {
  AF_INET,
  EPOLLIN,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  SHUT_WR,
  SIOCOUTQ,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  TCP_INFO,
  TCP_INFO_LAYOUT,
} from './abi.ts';
import { Epoll } from './epoll.ts';
import { errnoName } from './errno.ts';
import { loadLibc, type Libc, type LibcMissing } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';
import { writeSockaddr } from './sockaddr.ts';
import { SocketCalls } from './socket-calls.ts';

/**
 * Why the epoll engine cannot run here, in one line; null when it can. It makes each kind of call once, since a
 * sandbox (seccomp) may know some of them and refuse others: Node itself reads, writes and waits by other calls.
 * @param libc @default this machine's
 */
export function whyNoEpoll(libc: Libc | LibcMissing = loadLibc()): string | null {
  if ('missing' in libc) return libc.missing;
  const calls = new SocketCalls(libc);
  const fd = calls.open({ family: 4, host: '127.0.0.1', port: 1 });
  if (fd < 0) return `the kernel refuses its system calls (${calls.failure('socket').errno} from socket)`;
  const refused = refusedWait(libc, fd) ?? refusedCall(libc, fd);
  calls.close(fd);
  return refused === null ? null : `the kernel refuses its system calls (${refused})`;
}

function refusedWait(libc: Libc, fd: number): string | null {
  try {
    const epoll = new Epoll(libc, process.arch);
    const added = epoll.add(fd, EPOLLIN, { slot: 0, generation: 0 });
    const refused = added ? null : `${errnoName(libc.errno())} from epoll_ctl`;
    // Where epoll_pwait2 is refused the first wait finds that out, and the second is made by epoll_wait.
    if (added) for (let wait = 0; wait < 2; wait++) epoll.wait(0);
    epoll.close();
    return refused;
  } catch (error) {
    return describeSystemError(error);
  }
}

/**
 * On a socket that was never connected most of these fail, for a reason of their own; only a sandbox has one of
 * REFUSALS.
 */
function refusedCall(libc: Libc, fd: number): string | null {
  const value = new NativeBuffer(libc, TCP_INFO_LAYOUT.bytes);
  const length = new NativeBuffer(libc, 4);
  length.bytes.writeUInt32LE(TCP_INFO_LAYOUT.bytes);
  const calls: Readonly<Record<string, () => number>> = {
    send: () => libc.send(fd, value.address, 1, MSG_NOSIGNAL),
    recv: () => libc.recv(fd, value.address, 1, 0),
    shutdown: () => libc.shutdown(fd, SHUT_WR),
    getsockopt: () => libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, value.address, length.address),
    ioctl: () => libc.ioctl(fd, SIOCOUTQ, value.address),
  };
  for (const [name, call] of Object.entries(calls)) {
    const errno = call() < 0 ? errnoName(libc.errno()) : '';
    if (REFUSALS.has(errno)) return `${errno} from ${name}`;
  }
  return null;
}

/** What a refused call fails with. Source: seccomp(2), and the profiles of container runtimes. */
const REFUSALS: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSYS']);

/** An option that the kernel did not take. */
export interface RefusedOption {
  name: string;
  errno: string;
}

/** Sets the options on a socket that is never connected; answers the first that the kernel refuses, else null. */
export function refusedOption(libc: Libc, options: SocketOptions, family: 4 | 6): RefusedOption | null {
  const calls = new SocketCalls(libc);
  const fd = calls.open({ family, host: family === 4 ? '127.0.0.1' : '::1', port: 1 });
  if (fd < 0) return { name: 'socket', errno: calls.failure('socket').errno };
  const refused = calls.setOptions(fd, options, family);
  const errno = refused === null ? '' : calls.failure('setsockopt').errno;
  calls.close(fd);
  return refused === null ? null : { name: refused, errno };
}

/** A source address that the kernel does not dial from, and why, as it follows a colon. */
export interface RefusedSource {
  address: string;
  why: string;
}

/** Binds a socket to each address, without a port; answers the first that no dial goes from, else null. */
export function refusedSource(libc: Libc, sourceIps: readonly string[]): RefusedSource | null {
  const calls = new SocketCalls(libc);
  for (const address of sourceIps) {
    const family = isIPv6(address) ? 6 : 4;
    const fd = calls.open({ family, host: address, port: 0 });
    const failure = fd < 0 ? calls.failure('socket') : calls.bindSource(fd, family, address);
    if (fd >= 0) calls.close(fd);
    if (failure !== null) return { address, why: `the kernel refuses the address with ${failure.errno}` };
    if (family === 4 && isBroadcast(libc, address))
      return { address, why: 'it is a broadcast address, and the kernel would dial from another instead' };
  }
  return null;
}

/**
 * Whether an address is the broadcast address of a network that this machine is in. bind(2) takes it, and the dial
 * goes from the interface's own address; what tells is connect(2) on a datagram socket, which sends nothing and fails
 * with EACCES unless broadcasts were allowed.
 * Source: socket(7), SO_BROADCAST; Linux net/ipv4/datagram.c (__ip4_datagram_connect), net/ipv4/af_inet.c (__inet_bind).
 */
function isBroadcast(libc: Libc, host: string): boolean {
  const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const sockaddr = new NativeBuffer(libc, SOCKADDR_IN_BYTES);
  const length = writeSockaddr(sockaddr.bytes, { family: 4, host, port: DISCARD_PORT });
  const refused = libc.connect(fd, sockaddr.address, length) < 0 && errnoName(libc.errno()) === 'EACCES';
  libc.close(fd);
  return refused;
}

/** Source: linux/in.h, struct sockaddr_in. */
const SOCKADDR_IN_BYTES = 16;
/** Any port does. Source: RFC 863. */
const DISCARD_PORT = 9;
