import { readFileSync } from 'node:fs';
import { OperatingError, describeSystemError } from '../base/errors.ts';
import type { TlsMaterial } from '../engine/tls-material.ts';
import { parseTargetSpec } from '../profile/target-spec.ts';
import type { TlsProfile } from '../profile/profile.ts';
import { isIP } from 'node:net';

/**
 * The certificates that the profile names; null where TLS is off. The name for SNI is the target's host unless the
 * profile gives one; an IP address is none (RFC 6066, section 3).
 * @throws {OperatingError} when a file cannot be read (ERR_PROFILE_INVALID)
 */
export function readTlsMaterial(tls: TlsProfile, target: string): TlsMaterial | null {
  if (!tls.enabled) return null;
  const spec = parseTargetSpec(target);
  const host = spec.kind === 'tcp' && isIP(spec.host) === 0 ? spec.host : '';
  return {
    ca: readOptional(tls.caFile, 'the certificate authority'),
    cert: readOptional(tls.certFile, 'the client certificate'),
    key: readOptional(tls.keyFile, "the client certificate's key"),
    servername: tls.servername ?? host,
    alpn: tls.alpn,
    insecure: tls.insecure,
  };
}

/**
 * The bytes of the file that every frame carries.
 * @throws {OperatingError} when it cannot be read, or is larger than a frame may be (ERR_PROFILE_INVALID)
 */
export function readMessageFile(path: string, maxBytes: number): Uint8Array {
  const bytes = readFile(path, 'the message file');
  if (bytes.length <= maxBytes) return new Uint8Array(bytes);
  throw new OperatingError(
    'ERR_PROFILE_INVALID',
    `Cannot send the message file ${path}: a frame holds at most ${maxBytes} bytes (frame.maxBytes and the ` +
      `frame's length field), and the file has ${bytes.length}`,
  );
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
