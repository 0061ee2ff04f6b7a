import { describe, expect, test } from 'vitest';

import { connect, pattern, untilPeer, type ContractScene } from './contract-scene.ts';
import { fillUp } from './send-contract.ts';

/** received, ended, pause and resume. */
export function describeReceiving(scene: ContractScene): void {
  describe('received', () => {
    describeDelivery(scene);
    describePauses(scene);
  });
}

function describeDelivery(scene: ContractScene): void {
  test('brings everything that came before the FIN, then ended comes once', async () => {
    const server = scene.peers.listen('idle');
    const whole = pattern(3_000_000);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      server.act(0, 'write', whole);
      server.act(0, 'end');
      yield stage.until(0, 'ended');
      expect(stage.received(0).equals(whole)).toBe(true);
      yield stage.forAWhile(30);
      expect(stage.story(0)).toEqual(['dialed', 'ended']);
    });
  });

  test('leaves sending possible after ended, and close still ends in order', async () => {
    const server = scene.peers.listen('read');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      server.act(0, 'end');
      yield stage.until(0, 'ended');
      expect(stage.send(0, pattern(5000, 1))).toBe(true);
      expect(stage.send(0, pattern(3001, 2))).toBe(true);
      yield untilPeer(server, 'has all', ({ bytes }) => bytes >= 8001);
      stage.close(0);
      yield stage.until(0, 'closed');
      expect(stage.seen.only(0, 'closed').failure).toBeNull();
      yield untilPeer(server, 'is closed', ({ closed }) => closed);
    });
    expect(server.bytes(0)).toEqual(Buffer.concat([pattern(5000, 1), pattern(3001, 2)]));
    expect(server.state(0)).toMatchObject({ ended: true, error: null });
  });

  test('is followed by ended while a send is stalled, and the send is not lost', async () => {
    const server = scene.peers.listen('idle');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      const sent = fillUp(stage, 0);
      server.act(0, 'write', pattern(100));
      server.act(0, 'end');
      yield stage.until(0, 'ended');
      expect(stage.received(0)).toEqual(pattern(100));
      server.act(0, 'read');
      yield stage.until(0, 'writable');
      stage.close(0);
      yield stage.until(0, 'closed');
      yield untilPeer(server, 'is closed', ({ closed }) => closed);
      expect(server.bytes(0).equals(sent)).toBe(true);
    });
  });

  test('comes before ended when data and FIN wait before the engine looks', async () => {
    const server = scene.peers.listen('idle');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      server.act(0, 'write', pattern(10));
      server.act(0, 'destroy');
      yield stage.until(0, 'ended');
      expect(stage.received(0)).toEqual(pattern(10));
    });
  });
}

function describePauses(scene: ContractScene): void {
  test('stops from inside received until resume, and then brings the rest', async () => {
    const server = scene.peers.listen('idle');
    const whole = pattern(3_000_000);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      server.act(0, 'write', whole);
      yield stage.untilReceived(0, 1);
      stage.pause(0);
      // The rules count what comes meanwhile.
      yield stage.forAWhile();
      expect(stage.seen.log(0).bytes).toBeLessThan(whole.length);
      stage.resume(0);
      yield stage.untilReceived(0, whole.length);
      expect(stage.received(0).equals(whole)).toBe(true);
    });
  });

  test('brings nothing and no ended to a slot that is paused before anything arrives', async () => {
    const server = scene.peers.listen('idle');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      stage.pause(0);
      server.act(0, 'write', pattern(1000));
      server.act(0, 'end');
      yield stage.forAWhile();
      expect(stage.seen.log(0).bytes).toBe(0);
      expect(stage.story(0)).toEqual(['dialed']);
      stage.resume(0);
      yield stage.until(0, 'ended');
      expect(stage.received(0)).toEqual(pattern(1000));
    });
  });

  test('does not keep a paused slot from sending, closing or other slots from receiving', async () => {
    const server = scene.peers.listen('echo');
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      yield* connect(stage, 1, { address: server.address });
      stage.pause(0);
      stage.send(0, pattern(999));
      stage.send(1, pattern(999));
      yield stage.untilReceived(1, 999);
      yield untilPeer(server, 'has all', ({ bytes }) => bytes === 999, 0);
      stage.destroy(0);
      yield stage.until(0, 'closed');
      expect(stage.seen.log(0).bytes).toBe(0);
    });
  });
}
