import type { Failure } from '../engine/engine.ts';
import type { DialOutcome, SessionOutcome } from '../measure/outcome.ts';

/**
 * What a failed dial means. Descriptors, ports and memory are this machine's own limits, not the target's doing.
 * Source: connect(2), socket(2), tcp(7).
 */
export function classifyDial(failure: Failure): DialOutcome {
  switch (failure.errno) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timedOut';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return 'unreachable';
    case 'ECONNRESET':
      return 'reset';
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
    case 'ENOBUFS':
    case 'ENOMEM':
      return 'localLimit';
    default:
      return 'other';
  }
}

/** What the failure of an open connection means; `midFrame` when a frame had begun to arrive. */
export function classifySession(failure: Failure, midFrame: boolean): SessionOutcome {
  switch (failure.errno) {
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return midFrame ? 'reset-mid-frame' : 'reset';
    case 'EPIPE':
      return 'broken-pipe';
    // An established connection remembers ICMP errors and reports them, or ETIMEDOUT, at its retransmission limit.
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ECONNREFUSED':
      return 'unreachable';
    default:
      return failure.syscall === 'handshake' ? 'tls-failed' : 'local-error';
  }
}
