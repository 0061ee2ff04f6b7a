import { describe, expect, test } from 'vitest';

import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { connect, pattern, untilPeer, type ContractScene } from './contract-scene.ts';
import { fillUp } from './send-contract.ts';

/** halfClose and reset, and what an engine tells of itself and of its sockets. */
export function describeModes(scene: ContractScene): void {
  describeHalfClose(scene);
  describeReset(scene);
  describeSelf(scene);
}

function describeHalfClose(scene: ContractScene): void {
  describe('halfClose', () => {
    test('sends FIN, while receiving goes on until the peer ends too', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        stage.send(0, pattern(100));
        stage.halfClose(0);
        yield untilPeer(server, 'has read the FIN', ({ ended }) => ended);
        expect(server.bytes(0)).toEqual(pattern(100));
        server.act(0, 'write', pattern(200_000, 1));
        yield stage.untilReceived(0, 200_000);
        expect(stage.received(0).equals(pattern(200_000, 1))).toBe(true);
        expect(stage.story(0)).toEqual(['dialed']);
        server.act(0, 'end');
        yield stage.until(0, 'ended');
        stage.close(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
        yield untilPeer(server, 'is closed', ({ closed }) => closed);
      });
      expect(server.state(0)?.error).toBeNull();
    });

    test('sends what is queued before the FIN, and writable tells when it has left', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const sent = fillUp(stage, 0);
        stage.halfClose(0);
        yield stage.forAWhile(50);
        expect(stage.story(0)).toEqual(['dialed']);
        server.act(0, 'read');
        yield stage.until(0, 'writable');
        yield untilPeer(server, 'has read the FIN', ({ ended }) => ended);
        expect(server.bytes(0).equals(sent)).toBe(true);
        server.act(0, 'write', pattern(10));
        yield stage.untilReceived(0, 10);
        stage.close(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed')).toMatchObject({
          failure: null,
          unsent: { bytesAccepted: 0, bytesUnsent: 0, exact: true },
        });
      });
    });

    test('is no shelter from a reset of the peer', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        stage.halfClose(0);
        yield untilPeer(server, 'has read the FIN', ({ ended }) => ended);
        server.act(0, 'reset');
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure?.errno).toBe('ECONNRESET');
      });
    });
  });
}

function describeReset(scene: ContractScene): void {
  describe('reset', () => {
    test('is ECONNRESET for the peer and no failure for the session', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        stage.send(0, pattern(50));
        yield untilPeer(server, 'has all', ({ bytes }) => bytes === 50);
        stage.reset(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
        yield untilPeer(server, 'is closed', ({ closed }) => closed);
      });
      expect(server.state(0)).toMatchObject({ ended: false, error: 'ECONNRESET' });
    });

    test('sends nothing of what is queued, and counts it as unsent', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const sent = fillUp(stage, 0);
        stage.reset(0);
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(failure).toBeNull();
        expect(unsent.bytesUnsent).toBeGreaterThan(0);
        server.act(0, 'read');
        yield untilPeer(server, 'is over', ({ ended, closed }) => ended || closed);
        expect(server.bytes(0).length).toBeLessThanOrEqual(sent.length - unsent.bytesUnsent);
      });
    });

    test('of a dial ends it with one closed', async () => {
      const address = scene.peers.deafAddress();
      await scene.play(function* (stage) {
        stage.dial(0, { address });
        yield stage.forAWhile(30);
        stage.reset(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
        expect(stage.story(0)).toEqual(['closed']);
      });
    });
  });
}

function describeSelf(scene: ContractScene): void {
  test('utilization lies within 0 and 1, and grows when the loop is held up', async () => {
    await scene.play(function* (stage) {
      yield stage.forAWhile(150);
      const idle = stage.engine.utilization;
      const heldUntilUs = stage.engine.nowUs() + 300_000;
      while (stage.engine.nowUs() < heldUntilUs);
      yield stage.forAWhile(10);
      const busy = stage.engine.utilization;
      expect(idle).toBeGreaterThanOrEqual(0);
      expect(busy).toBeGreaterThan(idle);
      expect(busy).toBeLessThanOrEqual(1);
    });
  });

  const seen = scene.capabilities.socketOptions;
  test(`socketFacts ${seen ? 'tells the options that the kernel has' : 'is null'}`, async () => {
    const server = scene.peers.listen('read');
    await scene.play(function* (stage) {
      for (const noDelay of [true, false]) {
        const options = { ...DEFAULT_SOCKET_OPTIONS, noDelay };
        yield* connect(stage, 0, { address: server.address, options });
        const facts = stage.engine.socketFacts(0);
        if (seen) expect(facts).toMatchObject({ noDelay: noDelay ? 1 : 0 });
        else expect(facts).toBeNull();
        stage.destroy(0);
        yield stage.until(0, 'closed');
        expect(stage.engine.socketFacts(0)).toBeNull();
      }
    });
  });
}
