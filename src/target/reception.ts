import { Socket, type SocketConstructorOpts, type Server, type ConnectOpts } from 'node:net';

import { monotonicClock } from '../base/clock.ts';
import { AcceptTurn } from './accept-turn.ts';
import type { ConnectionFaults } from './fault/connection-faults.ts';
import type { FaultDriver, Freezable } from './fault/fault-driver.ts';
import type { KernelCalls } from './fault/kernel-calls.ts';
import type { RawAcceptor } from './fault/raw-listener.ts';
import { PENDING_REPLY_BYTES_MAX } from './limits.ts';
import { TargetConnection, type ConnectionPlan, type SharedState } from './target-connection.ts';
import { countAccepted, countEnded, type TargetCounters } from './target-counters.ts';

/** How every socket of the target is made. */
interface SocketOptions {
  allowHalfOpen: boolean;
  noDelay: true;
  highWaterMark: number;
}

/** How the sockets of a target are made, with TLS on them or without. */
export function socketOptions(tls: boolean): SocketOptions {
  return { allowHalfOpen: !tls, noDelay: true, highWaterMark: PENDING_REPLY_BYTES_MAX };
}

/**
 * Receives connections, however they were accepted: counts them, lays faults on them, has them served and books their
 * end.
 */
export class Reception implements Freezable {
  readonly #server: Server;
  readonly #plan: ConnectionPlan;
  readonly #counters: TargetCounters;
  readonly #driver: FaultDriver | null;
  readonly #turn: AcceptTurn;
  readonly #shared: SharedState;
  /** Open on the TCP level, those in their TLS handshake included. */
  readonly #sockets: Set<Socket> = new Set();
  readonly #connections: Set<TargetConnection> = new Set();
  /** A TLS server has the event `connection` too; there it means that the handshake is still to come. */
  readonly #isTls: boolean;

  constructor(
    server: Server,
    plan: ConnectionPlan,
    counters: TargetCounters,
    driver: FaultDriver | null = null,
  ) {
    this.#server = server;
    this.#plan = plan;
    this.#counters = counters;
    this.#driver = driver;
    this.#turn = new AcceptTurn(monotonicClock());
    this.#shared = {
      counters,
      turn: this.#turn,
      settleAtEnd: (settle) => driver?.settleAtEnd(settle),
    };
    this.#isTls = 'setSecureContext' in server;
    this.#listen();
  }

  /** Takes connections that were accepted by a system call of the target's own. */
  rawAcceptor(calls: KernelCalls): RawAcceptor {
    return {
      accepted: (fd) => this.#openRaw(fd, calls),
      acceptFailed: () => this.#counters.connections.acceptFailed++,
    };
  }

  /** Stands still: nothing is read from any connection. */
  freeze(): void {
    for (const connection of this.#connections) connection.freeze();
  }

  thaw(): void {
    for (const connection of this.#connections) connection.thaw();
  }

  /** Ends every connection at once and resolves when all are closed. */
  async close(): Promise<void> {
    const closed = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #listen(): void {
    const server = this.#server;
    server.on('connection', (socket) => this.#opened(socket));
    if (this.#isTls) this.#listenForHandshakes();
    else server.on('connection', (socket) => this.#serve(socket, this.#draw()));
    server.on('connection', () => this.#turn.accepted());
  }

  /**
   * A handshake cannot go on once the client has ended its side: until it is done, an end of stream ends the socket
   * (`allowHalfOpen` is false, see `socketOptions`), and afterwards it is the client's FIN as on any connection. Node
   * tells of a handshake that took too long, and leaves the socket open.
   */
  #listenForHandshakes(): void {
    const server = this.#server;
    server.on('secureConnection', (socket: Socket) => {
      socket.allowHalfOpen = true;
      this.#serve(socket, this.#draw());
    });
    server.on('tlsClientError', (_: Error, socket: Socket) => {
      countEnded(this.#counters, 'tlsFailed');
      socket.destroy();
    });
  }

  #draw(): ConnectionFaults | null {
    return this.#driver === null ? null : this.#driver.next();
  }

  #opened(socket: Socket): void {
    countAccepted(this.#counters);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #serve(socket: Socket, faults: ConnectionFaults | null): void {
    const connection = new TargetConnection(socket, this.#plan, this.#shared, faults);
    this.#connections.add(connection);
    socket.once('close', () => {
      this.#connections.delete(connection);
      countEnded(this.#counters, connection.failed ? 'reset' : 'closed');
    });
  }

  #openRaw(fd: number, calls: KernelCalls): void {
    // Which connection is wrong in what way is drawn after the handshake where there is one.
    const faults = this.#isTls ? null : this.#draw();
    // A socket that is made of a descriptor takes `noDelay` for set already, and would not set it afterwards either.
    const untold = { noDelay: false };
    // The typings know `onread` for dialling sockets only; the constructor is where both kinds read it.
    const options: SocketConstructorOpts & ConnectOpts = {
      ...socketOptions(this.#isTls),
      ...untold,
      fd,
    };
    const reader = faults?.reader ?? null;
    if (reader !== null) options.onread = reader.onread;
    const socket = new Socket(options);
    socket.setNoDelay(true);
    if (this.#isTls) return void this.#server.emit('connection', socket);
    if (faults !== null)
      faults.kernel = { unreadBytes: () => calls.unreadBytes(fd), seal: () => calls.seal(fd) };
    this.#opened(socket);
    this.#serve(socket, faults);
  }
}
