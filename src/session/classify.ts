import type { Failure, TargetAddress } from '../engine/engine.ts';
import type { DialOutcome, SessionOutcome } from '../measure/outcome.ts';

/**
 * What a failed dial means. Descriptors, ports, watches and memory are this machine's own limits, not the target's doing.
 * Source: connect(2), socket(2), tcp(7), epoll_ctl(2).
 */
export function classifyDial(failure: Failure, family: TargetAddress['family']): DialOutcome {
  // Of a unix socket's path EACCES is the file system's refusal.
  if (family !== 'unix' && UNREACHABLE.has(failure.errno)) return 'unreachable';
  switch (failure.errno) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timedOut';
    case 'ECONNRESET':
      return 'reset';
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'ENOSPC':
      return 'localLimit';
    default:
      return 'other';
  }
}

/** How a connection stood when it failed, as far as it tells causes apart. */
export interface SessionCircumstances {
  /** A frame had begun to arrive. */
  midFrame: boolean;
  /** Nothing that was sent awaited its acknowledgement, so only keepalive probes were on their way. */
  idle: boolean;
  keepAlive: boolean;
  userTimeout: boolean;
}

/** What the failure of an open connection means. */
export function classifySession(failure: Failure, circumstances: SessionCircumstances): SessionOutcome {
  const { midFrame } = circumstances;
  // An established connection remembers ICMP errors and reports them in place of ETIMEDOUT.
  if (UNREACHABLE.has(failure.errno) || failure.errno === 'ECONNREFUSED') return 'unreachable';
  switch (failure.errno) {
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return midFrame ? 'reset-mid-frame' : 'reset';
    case 'EPIPE':
      return 'broken-pipe';
    case 'ETIMEDOUT':
      return classifyTimeout(circumstances);
    default:
      return failure.syscall === 'handshake' ? 'tls-failed' : 'local-error';
  }
}

/**
 * Which of the kernel's detectors gave up. Keepalive is silent while data is unacknowledged; a user timeout ends both
 * unacknowledged data and probing. Without either it was the retransmission limit. Source: tcp(7), RFC 5482, RFC 1122.
 */
function classifyTimeout({ idle, keepAlive, userTimeout }: SessionCircumstances): SessionOutcome {
  if (idle && keepAlive) return 'keepalive-timeout';
  return userTimeout ? 'user-timeout' : 'unreachable';
}

/**
 * The network does not deliver, as a route or an ICMP error says; a closed port is not among them.
 * Source: Linux net/ipv4/icmp.c (icmp_err_convert), net/ipv6/icmp.c (icmpv6_err_convert), ip-route(8) (prohibit).
 */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENONET',
  'ENOPROTOOPT',
  'EACCES',
]);
