import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { OperatingError, describeSystemError } from '../base/errors.ts';
import type { TlsMaterial } from '../engine/tls-material.ts';
import { parseTargetSpec } from '../profile/target-spec.ts';
import type { TlsProfile } from '../profile/profile.ts';

/**
 * The certificates that the profile names; null where TLS is off. The name for SNI is the target's host unless the
 * profile gives one; an IP address is none (RFC 6066, section 3).
 * @throws {OperatingError} when a file cannot be read, or holds nothing that TLS can use (ERR_PROFILE_INVALID)
 */
export function readTlsMaterial(tls: TlsProfile, target: string): TlsMaterial | null {
  if (!tls.enabled) return null;
  const spec = parseTargetSpec(target);
  const host = spec.kind === 'tcp' && isIP(spec.host) === 0 ? spec.host : '';
  const files = {
    ca: readOptional(tls.caFile, 'the certificate authority'),
    cert: readOptional(tls.certFile, 'the client certificate'),
    key: readOptional(tls.keyFile, "the client certificate's key"),
  };
  requireUsable(files);
  return { ...files, servername: tls.servername ?? host, alpn: tls.alpn, insecure: tls.insecure };
}

/** Found here, a damaged file is one message; found by a worker, it would be a lost shard. */
function requireUsable({ ca, cert, key }: Pick<TlsMaterial, 'ca' | 'cert' | 'key'>): void {
  try {
    // A secure context ignores an authority that it cannot read; every handshake would then fail.
    if (ca !== null) void new X509Certificate(ca).subject;
    createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
    });
  } catch (error) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      'Cannot use TLS: the certificate authority, or the client certificate with its key, must be PEM texts that ' +
        `fit together (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}

/**
 * The bytes of the file that every frame carries; that they fit the frame was checked with the profile.
 * @throws {OperatingError} when it cannot be read (ERR_PROFILE_INVALID)
 */
export function readMessageFile(path: string): Uint8Array {
  return new Uint8Array(readFile(path, 'the message file'));
}

function readOptional(path: string | null, what: string): string | null {
  return path === null ? null : readFile(path, what).toString('utf8');
}

function readFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      `Cannot read ${what} ${path}: ${describeSystemError(error)}`,
      { cause: error },
    );
  }
}
