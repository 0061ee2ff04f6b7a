import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { ManualClock } from '../../src/base/clock.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { AcceptTurn, type Holdable } from '../../src/target/accept-turn.ts';
import { TargetConnection, type ConnectionPlan } from '../../src/target/target-connection.ts';
import { newTargetCounters } from '../../src/target/target-counters.ts';
import { connectPeer, type Peer } from '../support/peer.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A TargetConnection for u8 frames, the socket under it, and the client at the other end. */
async function connected(
  turn: AcceptTurn,
): Promise<{ connection: TargetConnection; socket: Socket; peer: Peer }> {
  const server = createServer({ allowHalfOpen: true });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const peer = await connectPeer(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = await accepted;
  const plan: ConnectionPlan = {
    format: parseFrameFormat('u8'),
    maxPayloadBytes: 255,
    mode: 'echo',
    sendPreface: null,
    expectPreface: null,
  };
  return {
    connection: new TargetConnection(socket, plan, { counters: newTargetCounters(), turn }),
    socket,
    peer,
  };
}

test('TargetConnection serves once and then waits for its release while the accept turn is active', async () => {
  const turn = new AcceptTurn(new ManualClock());
  const held: Holdable[] = [];
  turn.hold = (connection) => held.push(connection);
  const { connection, socket, peer } = await connected(turn);

  turn.active = true;
  peer.socket.write('\x01a');
  await peer.receive(2);
  expect(held).toEqual([connection]);

  // The second frame has reached the process (a paused stream still fills its buffer), and is not answered.
  peer.socket.write('\x01b');
  while (socket.readableLength === 0) await new Promise(setImmediate);
  expect(socket.bytesWritten).toBe(2);

  turn.active = false;
  connection.release();
  expect((await peer.receive(4)).toString('latin1')).toBe('\x01a\x01b');
  expect(held).toHaveLength(1);
  peer.socket.end();
  expect(await peer.closed).toBeNull();
});

test('TargetConnection sends what waits in its queue before it answers FIN with FIN', async () => {
  const { socket, peer } = await connected(new AcceptTurn(new ManualClock()));
  socket.cork();
  peer.socket.end('\x04ping');
  expect(await peer.closed).toBeNull();
  expect(peer.received.toString('latin1')).toBe('\x04ping');
});
