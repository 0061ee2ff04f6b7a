import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { readMessageFile, readTlsMaterial } from '../../src/coordinator/read-material.ts';
import type { TlsProfile } from '../../src/profile/profile.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { tlsFile } from '../support/tls-fixtures.ts';

function tls(overrides: Partial<TlsProfile> = {}): TlsProfile {
  const files = { caFile: null, certFile: null, keyFile: null };
  return { enabled: true, ...files, servername: null, alpn: [], insecure: false, ...overrides };
}

describe('readTlsMaterial', () => {
  test('is null where TLS is off', () => {
    expect(readTlsMaterial(tls({ enabled: false }), 'localhost:1')).toBeNull();
  });

  test('reads the files and hands the rest on', () => {
    const material = readTlsMaterial(
      tls({
        caFile: tlsFile('ca.pem'),
        certFile: tlsFile('client.pem'),
        keyFile: tlsFile('client-key.pem'),
        alpn: ['a', 'b'],
        insecure: true,
      }),
      'localhost:7000',
    );
    expect(material).toMatchObject({ servername: 'localhost', alpn: ['a', 'b'], insecure: true });
    for (const text of [material?.ca, material?.cert]) expect(text).toContain('BEGIN CERTIFICATE');
    expect(material?.key).toContain('PRIVATE KEY');
  });

  test.each<[target: string, servername: string | null, name: string, why: string]>([
    ['127.0.0.1:7000', null, '', 'an address is no name for SNI'],
    ['[::1]:7000', null, '', 'an address is no name for SNI'],
    ['unix:/run/a.sock', null, '', 'a path is no name for SNI'],
    ['127.0.0.1:7000', 'db.example', 'db.example', 'the profile gives one'],
    ['web.example:7000', 'db.example', 'db.example', "the profile's comes first"],
  ])('names %s with servername %s as "%s": %s', (target, servername, name) => {
    expect(readTlsMaterial(tls({ servername }), target)?.servername).toBe(name);
  });

  test.each<[string, () => Partial<TlsProfile>, string]>([
    [
      'a missing file',
      () => ({ caFile: '/nonexistent/ca.pem' }),
      'Cannot read the certificate authority /nonexistent/ca.pem: ENOENT from open',
    ],
    ['an authority that is none', () => ({ caFile: damaged() }), 'Cannot use TLS: '],
    [
      'a key of another certificate',
      () => ({ certFile: tlsFile('client.pem'), keyFile: tlsFile('server-key.pem') }),
      'Cannot use TLS: ',
    ],
    [
      'a certificate that is none',
      () => ({ certFile: damaged(), keyFile: tlsFile('client-key.pem') }),
      'Cannot use TLS: ',
    ],
    [
      'a key that is none',
      () => ({ certFile: tlsFile('client.pem'), keyFile: damaged() }),
      'Cannot use TLS: ',
    ],
  ])('refuses %s', (_, overrides, message) => {
    const read = (): unknown => readTlsMaterial(tls(overrides()), 'localhost:1');
    expect(read).toThrow(OperatingError);
    expect(read).toThrow(message);
  });
});

function damaged(): string {
  const file = join(scratchDirectory(), 'damaged.pem');
  writeFileSync(file, 'no PEM at all\n');
  return file;
}

describe('readMessageFile', () => {
  test('gives the bytes of the file', () => {
    const file = join(scratchDirectory(), 'message.bin');
    writeFileSync(file, Uint8Array.of(0, 255, 10));
    expect(readMessageFile(file)).toEqual(Uint8Array.of(0, 255, 10));
  });

  test('names the file that it cannot read', () => {
    expect(() => readMessageFile('/nonexistent/message.bin')).toThrow(
      'Cannot read the message file /nonexistent/message.bin: ENOENT from open',
    );
  });
});
