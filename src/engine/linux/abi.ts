/**
 * Numbers of the kernel's interface, the same on x64 and arm64 except where a function says otherwise.
 * Source: include/uapi of Linux 6.1 (asm-generic/socket.h, asm-generic/ioctls.h, asm-generic/poll.h, linux/eventpoll.h, linux/in.h,
 * linux/in6.h, linux/tcp.h, linux/fcntl.h), bits/socket.h of glibc 2.36.
 */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SHUT_WR = 1;
export const SHUT_RDWR = 2;
/** This call does not wait, whatever the socket does. */
export const MSG_DONTWAIT = 0x40;
/** No SIGPIPE for this call. */
export const MSG_NOSIGNAL = 0x4000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_ATTACH_FILTER = 26;

export const IPPROTO_IP = 0;
export const IP_TOS = 1;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const IPPROTO_IPV6 = 41;
export const IPV6_TCLASS = 67;

export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_INFO = 11;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_USER_TIMEOUT = 18;
export const TCP_NOTSENT_LOWAT = 25;

/** Bytes received and not read. */
export const FIONREAD = 0x541b;
/** Bytes sent and not acknowledged: what is left of the send queue. */
export const SIOCOUTQ = 0x5411;

/** How much later than asked a wait of the calling thread may end, in nanoseconds (linux/prctl.h; 0 means the default). */
export const PR_SET_TIMERSLACK = 29;

export const POLLIN = 0x001;

/** linux/sched.h */
export const CLONE_FILES = 0x400;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;

/** asm-generic/mman-common.h, asm-generic/mman.h and linux/mman.h */
export const PROT_READ_WRITE = 0x3;
export const MAP_SHARED_POPULATE = 0x8001;

/** asm-generic/unistd.h; x64 has the same numbers (asm/unistd_64.h). */
export const SYS_IO_URING_SETUP = 425;
export const SYS_IO_URING_ENTER = 426;

/** The rest of io_uring is of linux/io_uring.h. Since Linux 6.0 and 6.1. */
export const IORING_SETUP_SINGLE_ISSUER = 0x1000;
export const IORING_SETUP_DEFER_TASKRUN = 0x2000;
/** Both rings lie in one mapping. */
export const IORING_FEAT_SINGLE_MMAP = 0x1;
export const IORING_OFF_RINGS = 0;
export const IORING_OFF_SQES = 0x10000000;
export const IORING_ENTER_GETEVENTS = 0x1;
export const IORING_OP_SEND = 26;
export const IORING_OP_RECV = 27;

/**
 * Words of 32 bits in a `struct io_uring_params`, and where it has what the kernel fills in: offsets in bytes from the
 * beginning of the queues, of the submission queue (sq_off) and that of results (cq_off).
 */
export const RING_PARAMS = {
  words: 30,
  submitEntries: 0,
  resultEntries: 1,
  flags: 2,
  features: 5,
  submitTail: 11,
  submitMask: 12,
  submitted: 16,
  resultHead: 20,
  resultTail: 21,
  resultMask: 22,
  results: 25,
} as const;

/** Words of 32 bits in a `struct io_uring_sqe` and where in it a send or receive has its fields. */
export const SQE = { words: 16, opcode: 0, fd: 1, address: 4, length: 6, flags: 7, userData: 8 } as const;

/** Words of 32 bits in a `struct io_uring_cqe`. */
export const CQE = { words: 4, userData: 0, result: 2 } as const;

/** Longest `struct sockaddr`: that of a unix socket, 2 bytes of family and 108 of path (linux/un.h). */
export const SOCKADDR_BYTES_MAX = 110;

/**
 * Offsets within `struct tcp_info` (linux/tcp.h), of 32-bit fields but `retransmits` (8) and `bytesAcked` (64); on a
 * listener `unacked` is the length of its accept queue.
 */
export const TCP_INFO_LAYOUT = {
  retransmits: 2,
  unacked: 24,
  lastDataRecvMs: 52,
  lastAckRecvMs: 56,
  totalRetrans: 100,
  bytesAcked: 120,
  bytes: 232,
} as const;

/**
 * Words of 32 bits in a `struct epoll_event`: on x64 it is packed (events, data), on arm64 the data is aligned to 8
 * bytes (linux/eventpoll.h, EPOLL_PACKED).
 */
export function epollEventWords(arch: string): { words: number; dataWord: number } {
  return arch === 'x64' ? { words: 3, dataWord: 1 } : { words: 4, dataWord: 2 };
}
