import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { TlsMaterial } from '../../src/engine/tls-material.ts';

/** The path of a certificate or key under test/fixtures/tls. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

/** Its text. */
export function tlsText(name: string): string {
  return readFileSync(tlsFile(name), 'utf8');
}

/** What a client needs to trust a server that has the certificate `server.pem`. */
export function clientMaterial(changes: Partial<TlsMaterial> = {}): TlsMaterial {
  const honest = {
    ca: tlsText('ca.pem'),
    cert: null,
    key: null,
    servername: 'localhost',
    alpn: [],
    insecure: false,
  };
  return { ...honest, ...changes };
}
