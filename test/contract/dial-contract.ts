import { describe, expect, test } from 'vitest';

import type { TargetAddress } from '../../src/engine/engine.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { connect, pattern, type ContractScene } from './contract-scene.ts';
import type { PeerPlace } from './peers.ts';

/** dial, dialed, dialFailed, and what a slot is before and after. */
export function describeDialing(scene: ContractScene): void {
  describe('dial', () => {
    describeAddresses(scene);
    describeFailures(scene);
    describeDialsThatHang(scene);
    describeSlotReuse(scene);
  });
}

function describeAddresses(scene: ContractScene): void {
  const places: [what: string, place: () => PeerPlace, possible: boolean][] = [
    ['IPv4', () => '127.0.0.1', true],
    ['IPv6', () => '::1', true],
    ['a unix socket', () => ({ path: scene.path('echo') }), scene.capabilities.unixSockets],
  ];
  for (const [what, place, possible] of places) {
    test.skipIf(!possible)(`connects over ${what} and says when`, async () => {
      const server = scene.peers.listen('echo', { place: place() });
      await scene.play(function* (stage) {
        const askedUs = stage.engine.nowUs();
        yield* connect(stage, 0, { address: server.address });
        const { nowUs } = stage.seen.only(0, 'dialed');
        expect(nowUs).toBeGreaterThanOrEqual(askedUs);
        expect(nowUs).toBeLessThanOrEqual(stage.engine.nowUs());
        expect(stage.send(0, pattern(100))).toBe(true);
        yield stage.untilReceived(0, 100);
        expect(stage.received(0)).toEqual(pattern(100));
      });
      expect(server.accepted()).toBe(1);
    });
  }

  test('connects with noDelay on and off', async () => {
    const server = scene.peers.listen('echo');
    await scene.play(function* (stage) {
      for (const noDelay of [true, false]) {
        const options = { ...DEFAULT_SOCKET_OPTIONS, noDelay };
        yield* connect(stage, 0, { address: server.address, options });
        stage.send(0, pattern(10));
        yield stage.untilReceived(0, 10);
        expect(stage.received(0)).toEqual(pattern(10));
        stage.destroy(0);
        yield stage.until(0, 'closed');
      }
    });
  });
}

function describeFailures(scene: ContractScene): void {
  const addresses: [what: string, address: () => TargetAddress, errno: string, number: number][] = [
    ['a port where nobody listens', () => freedAddress(scene, '127.0.0.1'), 'ECONNREFUSED', 111],
    ['an IPv6 port where nobody listens', () => freedAddress(scene, '::1'), 'ECONNREFUSED', 111],
  ];
  const paths: typeof addresses = [
    ['a path that does not exist', () => ({ family: 'unix', path: scene.path('none') }), 'ENOENT', 2],
  ];
  const cases = scene.capabilities.unixSockets ? [...addresses, ...paths] : addresses;
  test.each(cases)('of %s fails with the errno of connect', async (_what, address, errno, number) => {
    await scene.play(function* (stage) {
      stage.dial(0, { address: address() });
      yield stage.until(0, 'dialFailed');
      const { failure } = stage.seen.only(0, 'dialFailed');
      expect(failure).toEqual({ errno, errnoNumber: number, syscall: 'connect' });
      yield stage.forAWhile(30);
      expect(stage.story(0)).toEqual(['dialFailed']);
    });
  });

  test('of many refused at once fails each of them once', async () => {
    const address = freedAddress(scene, '127.0.0.1');
    await scene.play(
      function* (stage) {
        for (let slot = 0; slot < 200; slot++) stage.dial(slot, { address });
        for (let slot = 0; slot < 200; slot++) yield stage.until(slot, 'dialFailed');
        yield stage.forAWhile(30);
        for (let slot = 0; slot < 200; slot++) expect(stage.story(slot)).toEqual(['dialFailed']);
      },
      { slots: 200 },
    );
  });
}

function describeDialsThatHang(scene: ContractScene): void {
  test('that hangs ends with one closed, without failure, when it is destroyed', async () => {
    const address = scene.peers.deafAddress();
    await scene.play(function* (stage) {
      stage.dial(0, { address });
      yield stage.forAWhile();
      expect(stage.story(0)).toEqual([]);
      stage.destroy(0);
      yield stage.until(0, 'closed');
      const { failure, unsent } = stage.seen.only(0, 'closed');
      expect(failure).toBeNull();
      expect(unsent).toMatchObject({ bytesAccepted: 0, bytesUnsent: 0, exact: true });
      yield stage.forAWhile(30);
      expect(stage.story(0)).toEqual(['closed']);
    });
  });

  test('that is destroyed in the same breath ends with one closed and never with dialed', async () => {
    const server = scene.peers.listen('read');
    const refused = freedAddress(scene, '127.0.0.1');
    await scene.play(function* (stage) {
      for (const address of [server.address, refused]) {
        stage.dial(0, { address });
        stage.destroy(0);
        yield stage.until(0, 'closed');
        yield stage.forAWhile(30);
        expect(stage.story(0)).toEqual(['closed']);
        expect(stage.seen.only(0, 'closed').failure).toBeNull();
      }
    });
  });

  test('keeps the deadlines that were set on its slot before', async () => {
    const address = scene.peers.deafAddress();
    await scene.play(function* (stage) {
      stage.setDeadline(0, 'read', stage.engine.nowUs() + 20_000);
      stage.dial(0, { address });
      yield stage.until(0, 'expired');
      stage.destroy(0);
      yield stage.until(0, 'closed');
      expect(stage.story(0)).toEqual(['expired', 'closed']);
    });
  });
}

function describeSlotReuse(scene: ContractScene): void {
  test('uses a slot again from inside closed and dialFailed', async () => {
    const server = scene.peers.listen('echo');
    const refused = freedAddress(scene, '127.0.0.1');
    await scene.play(function* (stage) {
      for (let round = 0; round < 20; round++) {
        stage.dial(0, { address: refused });
        yield stage.until(0, 'dialFailed');
        yield* connect(stage, 0, { address: server.address });
        stage.send(0, pattern(1000, round));
        yield stage.untilReceived(0, 1000);
        expect(stage.received(0).equals(pattern(1000, round))).toBe(true);
        stage.destroy(0);
        yield stage.until(0, 'closed');
      }
    });
  });

  test('lets nothing of the connection before into a slot that is used again', async () => {
    const server = scene.peers.listen('idle');
    const chunk = pattern(65_536);
    await scene.play(function* (stage) {
      yield* connect(stage, 0, { address: server.address });
      while (stage.send(0, chunk));
      server.act(0, 'write', pattern(5000, 1));
      stage.destroy(0);
      yield stage.until(0, 'closed');
      yield* connect(stage, 0, { address: server.address });
      server.act(1, 'write', pattern(3000, 2));
      yield stage.untilReceived(0, 3000);
      yield stage.forAWhile(30);
      expect(stage.received(0).equals(pattern(3000, 2))).toBe(true);
      expect(stage.story(0)).toEqual(['dialed']);
    });
  });
}

/** A port that was just given back: nobody listens there. */
function freedAddress(scene: ContractScene, place: '127.0.0.1' | '::1'): TargetAddress {
  const server = scene.peers.listen('read', { place });
  server.stop();
  return server.address;
}
