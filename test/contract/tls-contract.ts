import type { TlsOptions } from 'node:tls';

import { describe, expect, test } from 'vitest';

import { present } from '../../src/base/assert.ts';
import type { TlsMaterial } from '../../src/engine/tls-material.ts';
import { connect, pattern, untilPeer, type ContractScene } from './contract-scene.ts';
import { drainAndCheck } from './send-contract.ts';
import { clientMaterial, tlsText } from '../support/tls-fixtures.ts';

/** Where the engine has TLS: secured, what the handshake checks and shows, and the same streams as without it. */
export function describeTls(scene: ContractScene): void {
  describeHandshakes(scene);
  describeFailedHandshakes(scene);
  describeStreams(scene);
}

function describeHandshakes(scene: ContractScene): void {
  describe('dial', () => {
    test('brings dialed, then secured, then an echo through the encryption', async () => {
      const server = scene.peers.listen('echo', { tls: SERVER });
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address, tls: clientMaterial() });
        const { nowUs } = stage.seen.only(0, 'secured');
        expect(nowUs).toBeGreaterThanOrEqual(stage.seen.only(0, 'dialed').nowUs);
        expect(stage.send(0, pattern(1000))).toBe(true);
        yield stage.untilReceived(0, 1000);
        expect(stage.received(0)).toEqual(pattern(1000));
        expect(stage.story(0)).toEqual(['dialed', 'secured']);
      });
    });

    const clients: [what: string, client: Partial<TlsMaterial>, seen: object][] = [
      ['sends the name as SNI', { servername: 'localhost' }, { servername: 'localhost' }],
      [
        'checks an address where no name is given, and sends no SNI',
        { servername: '' },
        { servername: false },
      ],
      ['takes an address for a name without SNI', { servername: '127.0.0.1' }, { servername: false }],
      ['accepts any certificate when insecure', { ca: null, insecure: true }, {}],
      ['accepts any name when insecure', { servername: 'other.example', insecure: true }, {}],
      ['offers its protocols (ALPN)', { alpn: ['one', 'two'] }, { alpnProtocol: 'two' }],
      ['shows its certificate', clientPair(), { authorized: true }],
    ];
    test.each(clients)('%s', async (_what, client, seen) => {
      const tls = {
        ...SERVER,
        requestCert: true,
        rejectUnauthorized: false,
        ALPNProtocols: ['two', 'three'],
      };
      const server = scene.peers.listen('echo', { tls });
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address, tls: clientMaterial(client) });
        stage.send(0, pattern(77));
        yield stage.untilReceived(0, 77);
      });
      expect(server.state(0)).toMatchObject(seen);
    });
  });
}

function describeFailedHandshakes(scene: ContractScene): void {
  describe('closed says that the handshake failed', () => {
    const refusals: [what: string, client: Partial<TlsMaterial>, server: TlsOptions, errno: RegExp][] = [
      ['when the certificate is signed by nobody known', { ca: null }, {}, /SIGNATURE|SELF_SIGNED/],
      ['when the name is another', { servername: 'other.example' }, {}, /ALTNAME_INVALID$/],
      ['when the address is another', { servername: '127.0.0.2' }, {}, /ALTNAME_INVALID$/],
      ['when no version is common', {}, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }, /^ERR_SSL_/],
    ];
    test.each(refusals)('%s', async (_what, client, options, errno) => {
      const server = scene.peers.listen('read', { tls: { ...SERVER, ...options } });
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial(client) });
        yield stage.until(0, 'closed');
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(failure).toMatchObject({ syscall: 'handshake', errno: expect.stringMatching(errno) });
        expect(unsent.bytesUnsent).toBe(0);
      });
    });

    test('when the server wants a certificate and there is none, though the server stays open', async () => {
      const server = scene.peers.listen('read', { tls: { ...SERVER, requestCert: true } });
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial() });
        yield stage.until(0, 'closed');
        // With TLS 1.3 the client is through with its handshake before the server has looked.
        expect(stage.story(0)).toEqual(['dialed', 'secured', 'closed']);
        const { failure } = stage.seen.only(0, 'closed');
        expect(failure?.errno).toMatch(/CERTIFICATE_REQUIRED$/);
        expect(failure?.syscall).toBe('handshake');
      });
    });

    test('when the peer speaks no TLS', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial() });
        yield stage.until(0, 'dialed');
        server.act(0, 'write', Buffer.from('220 ready when you are\r\n'));
        yield stage.until(0, 'closed');
        const { failure } = stage.seen.only(0, 'closed');
        expect(failure).toMatchObject({ errnoNumber: 0, syscall: 'handshake' });
      });
    });

    test('when the peer ends the connection in between, and calls that no reset', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial() });
        yield stage.until(0, 'dialed');
        server.act(0, 'end');
        yield stage.until(0, 'closed');
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
        const { failure } = stage.seen.only(0, 'closed');
        expect(failure).toMatchObject({ errnoNumber: 0, syscall: 'handshake' });
        expect(failure?.errno).not.toBe('ECONNRESET');
      });
    });

    test('unless the peer resets: that is ECONNRESET', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial() });
        yield stage.until(0, 'dialed');
        server.act(0, 'reset');
        yield stage.until(0, 'closed');
        const { failure } = stage.seen.only(0, 'closed');
        expect(failure).toMatchObject({ errno: 'ECONNRESET', errnoNumber: 104 });
      });
    });

    test('or ends without failure when it is destroyed from inside dialed', async () => {
      const server = scene.peers.listen('read', { tls: SERVER });
      await scene.play(function* (stage) {
        stage.dial(0, { address: server.address, tls: clientMaterial() });
        yield stage.until(0, 'dialed');
        stage.destroy(0);
        yield stage.until(0, 'closed');
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
      });
    });
  });
}

function describeStreams(scene: ContractScene): void {
  test('send stalls towards a peer that does not read, and drains with everything intact', async () => {
    const server = scene.peers.listen('idle', { tls: SERVER });
    const sent = [0, 1].map((slot) => pattern(LARGE_BYTES, slot));
    await scene.play(
      function* (stage) {
        for (const slot of [0, 1]) {
          yield* connect(stage, slot, { address: server.address, tls: clientMaterial() });
          expect(stage.send(slot, present(sent[slot], 'what is sent'))).toBe(false);
          yield untilPeer(server, 'is accepted', () => true, slot);
        }
        yield stage.forAWhile();
        expect(stage.story(0)).toEqual(['dialed', 'secured']);
        for (const slot of [1, 0])
          yield* drainAndCheck(stage, { server, slot, sent: present(sent[slot], 'what was sent') });
      },
      { outboxBytes: LARGE_BYTES },
    );
  });

  test('send of large data, again and again from inside writable, is echoed intact', async () => {
    const server = scene.peers.listen('echo', { tls: SERVER });
    const chunks = Array.from({ length: 100 }, (_, i) => pattern(65_536 - i, i));
    const whole = Buffer.concat(chunks);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address, tls: clientMaterial() });
      for (const chunk of chunks) {
        stage.send(0, chunk);
        yield stage.untilDrained(0);
      }
      yield stage.untilReceived(0, whole.length);
      expect(stage.received(0).equals(whole)).toBe(true);
    });
  });

  test('ended comes after everything received, and sending goes on until close', async () => {
    const server = scene.peers.listen('read', { tls: SERVER });
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address, tls: clientMaterial() });
      yield untilPeer(server, 'is accepted', () => true);
      server.act(0, 'write', pattern(500_000));
      server.act(0, 'end');
      yield stage.until(0, 'ended');
      expect(stage.received(0).equals(pattern(500_000))).toBe(true);
      stage.send(0, pattern(5000));
      stage.close(0);
      yield stage.until(0, 'closed');
      yield untilPeer(server, 'is closed', ({ closed }) => closed);
      expect(stage.story(0)).toEqual(['dialed', 'secured', 'ended', 'closed']);
    });
    expect(server.bytes(0)).toEqual(pattern(5000));
    expect(server.state(0)).toMatchObject({ ended: true, error: null });
  });

  test('pause stops reading until resume', async () => {
    const server = scene.peers.listen('read', { tls: SERVER });
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address, tls: clientMaterial() });
      yield untilPeer(server, 'is accepted', () => true);
      server.act(0, 'write', pattern(2_000_000));
      yield stage.untilReceived(0, 1);
      stage.pause(0);
      yield stage.forAWhile();
      stage.resume(0);
      yield stage.untilReceived(0, 2_000_000);
      expect(stage.received(0).equals(pattern(2_000_000))).toBe(true);
    });
  });

  test('closed counts what the peer did not get as unsent when it resets', async () => {
    const server = scene.peers.listen('idle', { tls: SERVER });
    await scene.play(
      function* (stage) {
        yield* connect(stage, 0, { address: server.address, tls: clientMaterial() });
        stage.send(0, pattern(LARGE_BYTES));
        yield untilPeer(server, 'is accepted', () => true);
        // What it has not read makes this a reset.
        server.act(0, 'destroy');
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(['EPIPE', 'ECONNRESET']).toContain(failure?.errno);
        expect(unsent.bytesUnsent).toBeGreaterThan(0);
        expect(unsent.bytesAccepted + unsent.bytesUnsent).toBe(LARGE_BYTES);
      },
      { outboxBytes: LARGE_BYTES },
    );
  });
}

function clientPair(): Pick<TlsMaterial, 'cert' | 'key'> {
  return { cert: tlsText('client.pem'), key: tlsText('client-key.pem') };
}

/** More than the kernel holds towards a peer that does not read (about 4.3 MB). */
const LARGE_BYTES = 12_000_000;

const SERVER: TlsOptions = {
  key: tlsText('server-key.pem'),
  cert: tlsText('server.pem'),
  ca: tlsText('ca.pem'),
};
