import { describe, expect, test } from 'vitest';

import { connect, pattern, untilPeer, type ContractScene } from './contract-scene.ts';
import type { EngineStage, Script } from './engine-stage.ts';
import { fillUp } from './send-contract.ts';

/** close, destroy, closed with and without failure, and what was left unsent. */
export function describeEnding(scene: ContractScene): void {
  describeClose(scene);
  describeDestroy(scene);
  describeResets(scene);
  describeClosingFacts(scene);
}

function describeClose(scene: ContractScene): void {
  describe('close', () => {
    test('of an idle connection sends FIN and ends without failure', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        stage.close(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
        yield untilPeer(server, 'has read the FIN', ({ ended }) => ended);
      });
      expect(server.state(0)).toMatchObject({ bytes: 0, error: null });
    });

    test('sends what is queued before the FIN', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const sent = fillUp(stage, 0);
        stage.close(0);
        yield stage.forAWhile(50);
        expect(stage.story(0)).toEqual(['dialed']);
        server.act(0, 'read');
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(failure).toBeNull();
        expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 0, exact: true });
        yield untilPeer(server, 'has read the FIN', ({ ended }) => ended);
        expect(server.bytes(0).equals(sent)).toBe(true);
        expect(server.state(0)?.error).toBeNull();
      });
    });
  });
}

function describeDestroy(scene: ContractScene): void {
  describe('destroy', () => {
    test('ends a connection with queued bytes at once, without failure', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        fillUp(stage, 0);
        stage.destroy(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
        yield stage.forAWhile(30);
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
      });
    });

    test('from inside received is followed by closed alone, though more has arrived', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        server.act(0, 'write', pattern(1_000_000));
        server.act(0, 'end');
        yield stage.untilReceived(0, 1);
        stage.destroy(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
      });
    });

    test('while the peer resets ends without failure: the session had asked for the end', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        for (let index = 0; index < 30; index++) {
          yield* connect(stage, 0, { address: server.address });
          server.act(index, 'reset');
          yield* turns(stage, index % 6);
          if (stage.story(0).includes('closed')) continue;
          // The engine may know of the reset already and not have told it yet.
          stage.destroy(0);
          yield stage.until(0, 'closed');
          expect(stage.seen.only(0, 'closed').failure).toBeNull();
        }
      });
    });

    test('of a send that has just failed ends without failure, once', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        server.act(0, 'destroy');
        yield stage.until(0, 'ended');
        while (stage.send(0, pattern(100)));
        stage.destroy(0);
        yield stage.until(0, 'closed');
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
      });
    });

    test('twice, or after close, still brings one closed', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        for (const first of ['close', 'destroy'] as const) {
          yield* connect(stage, 0, { address: server.address });
          fillUp(stage, 0);
          stage[first](0);
          stage.destroy(0);
          yield stage.until(0, 'closed');
          yield stage.forAWhile(30);
          expect(stage.story(0)).toEqual(['dialed', 'closed']);
        }
      });
    });
  });
}

function describeResets(scene: ContractScene): void {
  describe('closed', () => {
    test('says ECONNRESET, once, when the peer resets', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        server.act(0, 'reset');
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(failure).toMatchObject({ errno: 'ECONNRESET', errnoNumber: 104 });
        expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 0, exact: true });
        yield stage.forAWhile(30);
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
      });
    });

    test('comes after the data that the peer sent before its reset', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        server.act(0, 'write', pattern(1000));
        server.act(0, 'reset');
        yield stage.until(0, 'closed');
        // Linux keeps what had arrived before the reset for the reader.
        expect(stage.received(0)).toEqual(pattern(1000));
        expect(stage.seen.only(0, 'closed').failure?.errno).toBe('ECONNRESET');
        // A reset is no FIN, even where data and reset are seen together.
        expect(stage.story(0)).toEqual(['dialed', 'closed']);
      });
    });

    test('says EPIPE or ECONNRESET of a send to a peer that is gone, and counts that send as unsent', async () => {
      const server = scene.peers.listen('read');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        server.act(0, 'destroy');
        yield stage.until(0, 'ended');
        // The first send is answered by RST; what comes after it fails.
        expect(stage.send(0, pattern(100))).toBe(true);
        expect(stage.send(0, pattern(333))).toBe(false);
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(['EPIPE', 'ECONNRESET']).toContain(failure?.errno);
        expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 333 });
        expect(stage.story(0)).toEqual(['dialed', 'ended', 'closed']);
      });
    });
  });
}

function describeClosingFacts(scene: ContractScene): void {
  const { exactPartialWrites } = scene.capabilities;

  describe(`closed counts unsent bytes, ${exactPartialWrites ? 'exactly' : 'the whole send where it cannot see'}`, () => {
    test('of a stalled connection that the peer resets', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const lastBytes = lastSend(fillUp(stage, 0));
        server.act(0, 'reset');
        yield stage.until(0, 'closed');
        const { failure, unsent } = stage.seen.only(0, 'closed');
        expect(['EPIPE', 'ECONNRESET']).toContain(failure?.errno);
        expect(unsent.bytesUnsent).toBeGreaterThan(0);
        expect(unsent.bytesAccepted + unsent.bytesUnsent).toBe(lastBytes);
        expect(unsent.exact).toBe(exactPartialWrites);
      });
    });

    test('of a stalled connection that is destroyed, beside what the peer then reads', async () => {
      const server = scene.peers.listen('idle');
      await scene.play(function* (stage) {
        yield* connect(stage, 0, { address: server.address });
        const sent = fillUp(stage, 0);
        const lastBytes = lastSend(sent);
        stage.destroy(0);
        yield stage.until(0, 'closed');
        const { unsent } = stage.seen.only(0, 'closed');
        expect(unsent.bytesAccepted + unsent.bytesUnsent).toBe(lastBytes);
        expect(unsent.exact).toBe(exactPartialWrites);
        server.act(0, 'read');
        yield untilPeer(server, 'has read the end', ({ ended }) => ended);
        const taken = server.bytes(0);
        const acceptedBytes = sent.length - unsent.bytesUnsent;
        expect(taken.equals(sent.subarray(0, taken.length))).toBe(true);
        expect(taken.length).toBeGreaterThanOrEqual(acceptedBytes);
        expect(taken.length).toBeLessThan(sent.length);
        if (exactPartialWrites) expect(taken.length).toBe(acceptedBytes);
      });
    });
  });
}

/** Lets the loop turn a few times as fast as it can. */
function* turns(stage: EngineStage, count: number): Script {
  for (let turn = 0; turn < count; turn++) {
    stage.setDeadline(3, 'pace', 0);
    yield { what: 'a turn', holds: () => !stage.rules.slot(3).deadlines.has('pace') };
  }
}

/** Size of the last send of `fillUp`, whose sends are each one byte smaller than the one before. */
function lastSend(sent: Buffer): number {
  let rest = sent.length;
  for (let bytes = 65_536; ; bytes--) {
    if (rest === bytes) return bytes;
    rest -= bytes;
  }
}
