import { MET_ITSELF, type DialRequest, type Failure, type TargetAddress } from '../engine.ts';
import type { SocketOptions } from '../socket-options.ts';
import {
  AF_UNIX,
  FIONREAD,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IP_TOS,
  IP_BIND_ADDRESS_NO_PORT,
  SHUT_WR,
  SOCKADDR_BYTES_MAX,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SIOCOUTQ,
  SO_ERROR,
  SO_LINGER,
  TCP_INFO,
  TCP_INFO_LAYOUT,
} from './abi.ts';
import { errnoAction, errnoName, failureOf } from './errno.ts';
import type { Libc } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';
import { optionCalls, READABLE_OPTIONS, type OptionCall } from './option-calls.ts';
import { addressFamily, writeSockaddr } from './sockaddr.ts';

/** What the kernel tells of a TCP connection. */
export interface TcpInfo {
  /** Segments sent again so far; right after the dial: SYNs. Null where the kernel's answer ends before it. */
  totalRetrans: number | null;
  /** How often in a row the retransmission timer has run without an acknowledgement. */
  retransmits: number;
  /** Since the last segment of the peer, in microseconds; null as above. */
  silentUs: number | null;
  /** Whether the dial's SYN was acknowledged, whatever became of the connection since. */
  wasUp: boolean;
  /** Bytes that the peer's kernel acknowledged, the SYN not counted. Null where the kernel's answer ends before it. */
  bytesAcked: number | null;
}

/** The calls on one socket that are not made per frame: opening, asking, closing. */
export class SocketCalls {
  readonly #libc: Libc;
  /** Addresses as the kernel takes them, and the calls of the last options: a run has few of both. */
  readonly #sockaddrs = new Map<string, { buffer: NativeBuffer; length: number }>();
  #lastCalls: { options: SocketOptions; family: 4 | 6; calls: OptionCall[] } | null = null;
  readonly #value: NativeBuffer;
  readonly #length: NativeBuffer;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#value = new NativeBuffer(libc, TCP_INFO_LAYOUT.bytes);
    this.#length = new NativeBuffer(libc, 4);
  }

  /** A non-blocking socket for this address. A negative result is a failure: `failure('socket')` tells it. */
  open(address: TargetAddress): number {
    return this.#libc.socket(addressFamily(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }

  /** Sets the options and the source address, before the dial; null when the kernel took all of them. */
  prepare(fd: number, { address, options, sourceIp }: DialRequest): Failure | null {
    if (address.family === 'unix') return null;
    if (this.setOptions(fd, options, address.family) !== null) return this.failure('setsockopt');
    return sourceIp === null ? null : this.bindSource(fd, address.family, sourceIp);
  }

  /** Sets the options; answers the name of the first that the kernel refuses, with its errno left to be asked. */
  setOptions(fd: number, options: SocketOptions, family: 4 | 6): string | null {
    for (const option of this.#callsFor(options, family))
      if (!this.#setOption(fd, option)) return option.name;
    return null;
  }

  /** What the kernel really set; options that this socket does not have are left out. */
  readOptions(fd: number, family: 4 | 6): Record<string, number | string> {
    const values: Record<string, number | string> = {};
    for (const { name, level, option, kind } of READABLE_OPTIONS) {
      if (this.#getOption(fd, level, option, kind === 'text' ? NAME_BYTES : kind === 'pair' ? 8 : 4) !== 0)
        continue;
      const { bytes } = this.#value;
      if (kind === 'text') values[name] = bytes.toString('latin1', 0, NAME_BYTES).replace(/\0.*$/s, '');
      else if (kind === 'pair') values[name] = bytes.readInt32LE(0) === 0 ? 'off' : bytes.readInt32LE(4);
      else values[name] = bytes.readInt32LE(0);
    }
    const [level, option] = family === 4 ? [IPPROTO_IP, IP_TOS] : [IPPROTO_IPV6, IPV6_TCLASS];
    if (this.#getOption(fd, level, option, 4) === 0) values['tos'] = this.#value.bytes.readInt32LE(0);
    return values;
  }

  /**
   * Without IP_BIND_ADDRESS_NO_PORT a bind would take the port for all targets at once; with it the kernel chooses
   * the port when it connects (ip(7)). Null when the address is taken.
   */
  bindSource(fd: number, family: 4 | 6, sourceIp: string): Failure | null {
    this.#setOption(fd, {
      name: 'sourceIps',
      level: IPPROTO_IP,
      option: IP_BIND_ADDRESS_NO_PORT,
      value: [1],
    });
    const { buffer, length } = this.#sockaddrOf({ family, host: sourceIp, port: 0 });
    return this.#libc.bind(fd, buffer.address, length) === 0 ? null : this.failure('bind');
  }

  /** Begins to connect; null when that is under way or done. */
  connect(fd: number, address: TargetAddress): Failure | null {
    const { buffer, length } = this.#sockaddrOf(address);
    if (this.#libc.connect(fd, buffer.address, length) === 0) return null;
    return errnoAction('connect', this.#libc.errno()) === 'wait' ? null : this.failure('connect');
  }

  /** The close that follows sends RST instead of FIN: linger with a time of 0 (socket(7), SO_LINGER). */
  resetAtClose(fd: number): void {
    this.#setOption(fd, { name: 'linger', level: SOL_SOCKET, option: SO_LINGER, value: [1, 0] });
  }

  /** The error that waits on the socket, which is cleared by asking; null where there is none. */
  pendingError(fd: number, syscall: string): Failure | null {
    const errno =
      this.#getOption(fd, SOL_SOCKET, SO_ERROR, 4) === 0
        ? this.#value.bytes.readInt32LE(0)
        : this.#libc.errno();
    return errno === 0 ? null : failureOf(syscall, errno);
  }

  /**
   * How a dial went that the kernel has done with; null: it connected, and to somebody else.
   * @param wasUp whether the SYN was acknowledged. An error is then not the dial's: the connection was reset before
   *   anybody looked. To fetch it would take it from the first send or read, which tells it.
   */
  dialFailure(fd: number, wasUp: boolean): Failure | null {
    return (wasUp ? null : this.pendingError(fd, 'connect')) ?? (this.#metItself(fd) ? MET_ITSELF : null);
  }

  #metItself(fd: number): boolean {
    const { bytes, address } = this.#value;
    this.#length.bytes.writeUInt32LE(SOCKADDR_IN6_BYTES, 0);
    if (this.#libc.getsockname(fd, address, this.#length.address) !== 0) return false;
    const family = bytes.readUInt16LE(0);
    if (family === AF_UNIX) return false;
    this.#length.bytes.writeUInt32LE(SOCKADDR_IN6_BYTES, 0);
    const peer = SOCKADDR_IN6_BYTES;
    if (this.#libc.getpeername(fd, address + peer, this.#length.address) !== 0) return false;
    const length = this.#length.bytes.readUInt32LE(0);
    return bytes.compare(bytes, peer, peer + length, 0, length) === 0;
  }

  /**
   * Null where the kernel refuses to tell. An old kernel, or what stands in for one, answers with a beginning of the
   * structure: nothing is taken from beyond its end. A unix socket repeats no SYN and has no acknowledgements.
   */
  tcpInfo(fd: number): TcpInfo | null {
    const { bytes, retransmits, lastDataRecvMs, lastAckRecvMs, totalRetrans, bytesAcked } = TCP_INFO_LAYOUT;
    if (this.#getOption(fd, IPPROTO_TCP, TCP_INFO, bytes) !== 0) {
      return errnoName(this.#libc.errno()) === 'ENOTSUP' ? NO_TCP : null;
    }
    const info = this.#value.bytes;
    const told = this.#length.bytes.readUInt32LE(0);
    // A 64-bit count, read as two halves because BigInt allocates; the SYN is counted as one byte.
    const acked = info.readUInt32LE(bytesAcked) + info.readUInt32LE(bytesAcked + 4) * 2 ** 32;
    const silentMs = Math.min(info.readUInt32LE(lastDataRecvMs), info.readUInt32LE(lastAckRecvMs));
    return {
      totalRetrans: told >= totalRetrans + 4 ? info.readUInt32LE(totalRetrans) : null,
      retransmits: told > retransmits ? info.readUInt8(retransmits) : 0,
      silentUs: told >= lastAckRecvMs + 4 ? silentMs * 1000 : null,
      wasUp: told >= bytesAcked + 8 && acked > 0,
      bytesAcked: told >= bytesAcked + 8 ? Math.max(0, acked - 1) : null,
    };
  }

  /** Bytes that came and were not read. */
  unread(fd: number): number {
    return this.#libc.ioctl(fd, FIONREAD, this.#value.address) === 0 ? this.#value.bytes.readInt32LE(0) : 0;
  }

  /**
   * Bytes that were sent and not acknowledged, still readable after the connection's failure; TCP only, since a unix socket
   * answers with memory instead. Source: tcp(7); unix_ioctl of net/unix/af_unix.c.
   */
  unacked(fd: number): number {
    return this.#libc.ioctl(fd, SIOCOUTQ, this.#value.address) === 0 ? this.#value.bytes.readInt32LE(0) : 0;
  }

  /** Says that nothing more will be sent: FIN behind what is queued. */
  shutdown(fd: number): void {
    this.#libc.shutdown(fd, SHUT_WR);
  }

  /**
   * Closes without waiting. On Linux a linger time makes close(2) wait until everything is acknowledged, even where the
   * socket does not block (inet_release of net/ipv4/af_inet.c), and with it the whole loop: it is taken off first.
   */
  close(fd: number, lingers: boolean = false): void {
    if (lingers) this.#setOption(fd, { name: 'linger', level: SOL_SOCKET, option: SO_LINGER, value: [0, 0] });
    this.#libc.close(fd);
  }

  /** The last call's errno as a failure of `syscall`. */
  failure(syscall: string): Failure {
    return failureOf(syscall, this.#libc.errno());
  }

  #getOption(fd: number, level: number, name: number, length: number): number {
    this.#length.bytes.writeUInt32LE(length, 0);
    return this.#libc.getsockopt(fd, level, name, this.#value.address, this.#length.address);
  }

  #sockaddrOf(address: TargetAddress): { buffer: NativeBuffer; length: number } {
    const key = address.family === 'unix' ? address.path : `${address.host} ${address.port}`;
    const known = this.#sockaddrs.get(key);
    if (known !== undefined) return known;
    const buffer = new NativeBuffer(this.#libc, SOCKADDR_BYTES_MAX);
    const fresh = { buffer, length: writeSockaddr(buffer.bytes, address) };
    this.#sockaddrs.set(key, fresh);
    return fresh;
  }

  #callsFor(options: SocketOptions, family: 4 | 6): OptionCall[] {
    if (this.#lastCalls?.options !== options || this.#lastCalls.family !== family) {
      this.#lastCalls = { options, family, calls: optionCalls(options, family) };
    }
    return this.#lastCalls.calls;
  }

  /** False: the kernel refused, `failure('setsockopt')` tells why. */
  #setOption(fd: number, { level, option, value }: OptionCall): boolean {
    const bytes = this.#value.bytes;
    if (typeof value === 'string') {
      const length = bytes.write(value, 0, 'latin1');
      return this.#libc.setsockopt(fd, level, option, this.#value.address, length) === 0;
    }
    value.forEach((word, index) => bytes.writeInt32LE(word, index * 4));
    return this.#libc.setsockopt(fd, level, option, this.#value.address, value.length * 4) === 0;
  }
}

/** Longest name of a congestion control algorithm, its zero included (TCP_CA_NAME_MAX of net/tcp.h). */
const NAME_BYTES = 16;
/** Size of the longest address of a TCP socket (linux/in6.h, struct sockaddr_in6). */
const SOCKADDR_IN6_BYTES = 28;

/** What a unix socket has of TCP. */
const NO_TCP: TcpInfo = { totalRetrans: 0, retransmits: 0, silentUs: null, wasUp: false, bytesAcked: null };
