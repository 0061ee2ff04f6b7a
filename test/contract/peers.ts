import type { TlsOptions } from 'node:tls';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';

import type { TargetAddress } from '../../src/engine/engine.ts';

/**
 * The peers that an engine under test talks to. They live in a thread of their own and are asked synchronously, so
 * that they answer even while an engine's loop holds the test's thread in a system call.
 */
export class Peers {
  readonly #worker: Worker;
  readonly #orders: MessagePort;
  readonly #turn: Int32Array = new Int32Array(new SharedArrayBuffer(4));

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#orders = port1;
    this.#worker = new Worker(new URL('./peers-worker.js', import.meta.url), {
      workerData: { orders: port2, turn: this.#turn },
      transferList: [port2],
    });
  }

  /** Starts a server whose every connection behaves by `mode`. @default options on 127.0.0.1, without TLS */
  listen(mode: PeerMode, options: ListenOptions = {}): PeerServer {
    const { place = '127.0.0.1', tls } = options;
    const where = typeof place === 'string' ? { host: place, port: 0 } : place;
    const { at, port } = this.ask<{ at: number; port: number }>('listen', { mode, where, tls });
    return new PeerServer(this, at, addressOf(place, port));
  }

  /** An address where dials hang, because nobody accepts and the backlog is full. */
  deafAddress(): TargetAddress {
    return addressOf('127.0.0.1', this.ask<number>('deaf'));
  }

  /** Ends all servers and connections. */
  reset(): void {
    this.ask('reset');
  }

  async close(): Promise<void> {
    this.#orders.close();
    await this.#worker.terminate();
  }

  /** Gives the thread an order and waits for its answer. */
  ask<T>(...order: unknown[]): T {
    const turn = Atomics.load(this.#turn, 0);
    this.#orders.postMessage(order);
    if (Atomics.wait(this.#turn, 0, turn, ANSWER_MS_MAX) === 'timed-out') {
      throw new Error(`The peers do not answer: ${String(order[0])}`);
    }
    const answer = receiveMessageOnPort(this.#orders)?.message as { value: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }
}

/** A listening peer; its connections are numbered in the order in which they were accepted. */
export class PeerServer {
  readonly address: TargetAddress;
  readonly #peers: Peers;
  readonly #at: number;

  constructor(peers: Peers, at: number, address: TargetAddress) {
    this.#peers = peers;
    this.#at = at;
    this.address = address;
  }

  /** Ends the server and its connections: from now on dials to its address are refused. */
  stop(): void {
    this.#peers.ask('stop', this.#at);
  }

  accepted(): number {
    return this.#peers.ask<number>('accepted', this.#at);
  }

  /** What connection `index` has seen so far; null before it is accepted. */
  state(index: number): PeerState | null {
    return this.#peers.ask<PeerState | undefined>('state', this.#at, index) ?? null;
  }

  /** Everything that connection `index` has received; waits for its acceptance. */
  bytes(index: number): Buffer {
    return Buffer.from(this.#peers.ask<Uint8Array<ArrayBuffer>>('bytes', this.#at, index));
  }

  /** Lets connection `index` do something; waits for its acceptance. */
  act(index: number, action: PeerAction, data?: Uint8Array): void {
    this.#peers.ask('act', this.#at, index, action, data);
  }
}

/** What a peer does with what it receives; `idle` leaves it in the kernel until it is told to read. */
export type PeerMode = 'read' | 'echo' | 'idle';
/** `end` sends FIN, `reset` RST. */
export type PeerAction = 'read' | 'write' | 'end' | 'reset' | 'destroy';
/** A loopback address, where any port will do, or a socket's path. */
export type PeerPlace = '127.0.0.1' | '::1' | { path: string };

export interface ListenOptions {
  place?: PeerPlace;
  tls?: TlsOptions;
}

/** A peer's side of one connection. */
export interface PeerState {
  bytes: number;
  /** It has read the engine's FIN. */
  ended: boolean;
  closed: boolean;
  /** Code of its socket's error. */
  error: string | null;
  servername?: string | false;
  alpnProtocol?: string | false;
  authorized?: boolean;
}

function addressOf(place: PeerPlace, port: number): TargetAddress {
  if (typeof place !== 'string') return { family: 'unix', path: place.path };
  return { family: place === '::1' ? 6 : 4, host: place, port };
}

const ANSWER_MS_MAX = 10_000;
