import type { Failure } from '../engine.ts';

/** What Node's error says of the socket, in the engine contract's words. */
export function describeFailure(error: Error): Failure {
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' && syscall === undefined) return ENDED_IN_HANDSHAKE;
  return {
    errno: code ?? error.name,
    errnoNumber: typeof errno === 'number' ? Math.abs(errno) : 0,
    syscall: syscall ?? (isTlsError(code) ? 'handshake' : ''),
  };
}

/** Certificate errors carry OpenSSL's names (DEPTH_ZERO_SELF_SIGNED_CERT), others ERR_SSL_... or ERR_TLS_... */
function isTlsError(code: string | undefined): boolean {
  return code !== undefined && !/^E[A-Z]+$/.test(code);
}

/**
 * Node names a FIN before the end of the handshake ECONNRESET, though nothing was reset: what tells it from a real
 * one is that no system call reported it. OpenSSL's own name for it says what happened.
 * Source: Node's lib/_tls_wrap.js, onConnectEnd; OpenSSL's sslerr.h, SSL_R_UNEXPECTED_EOF_WHILE_READING.
 */
const ENDED_IN_HANDSHAKE: Failure = {
  errno: 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING',
  errnoNumber: 0,
  syscall: 'handshake',
};
