import type { Failure } from '../engine.ts';

/** What Node's error says of the socket, in the engine contract's words. */
export function describeFailure(error: Error): Failure {
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
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
