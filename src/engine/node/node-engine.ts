import type { Socket } from 'node:net';
import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { assert } from '../../base/assert.ts';
import { monotonicClock, type Clock } from '../../base/clock.ts';
import {
  MET_ITSELF,
  NOTHING_SEEN,
  type Chunk,
  type DialFacts,
  type DialRequest,
  type Engine,
  type EngineCapabilities,
  type EngineEvents,
  type EngineName,
  type EngineOptions,
  type Failure,
  type TimerKind,
  type ClosingFacts,
} from '../engine.ts';
import { describeFailure } from './describe-failure.ts';
import { NodeLoop } from './node-loop.ts';
import { openSocket } from './open-socket.ts';

/**
 * The engine that runs everywhere: node:net and node:tls. All plain sockets read through one shared buffer
 * (`onread`), and sends go out of one outbox: libuv tries the write at once, so where nothing stays queued the
 * outbox is free again, and where something does the outbox is given to that write and a fresh one taken.
 *
 * It cannot see what the kernel took of a failed write, nor TCP_INFO, and says so in its capabilities.
 */
export class NodeEngine implements Engine {
  readonly name: EngineName = 'node';
  readonly capabilities: EngineCapabilities = {
    exactPartialWrites: false,
    tcpInfo: false,
    sourceAddress: false,
    socketOptions: false,
    tls: true,
    unixSockets: true,
  };
  outbox: Buffer;
  readonly outboxStart: number = 0;
  readonly outboxBytes: number;
  #view: Buffer = EMPTY;
  #viewStart: number = 0;
  #viewEnd: number = 0;
  readonly #spareOutboxes: Buffer[] = [];
  readonly #events: EngineEvents;
  readonly #slots: Slot[];
  readonly #clock: Clock = monotonicClock();
  readonly #loop: NodeLoop;
  readonly #inbox: Buffer = Buffer.allocUnsafeSlow(INBOX_BYTES);
  readonly #chunk: Chunk = { bytes: this.#inbox, start: 0, end: 0 };
  /** Slots in use, and who waits for the last of them to be free. */
  #inUse: number = 0;
  #whenIdle: (() => void) | null = null;
  #loopAtStart: EventLoopUtilization | null = null;

  constructor(options: EngineOptions, events: EngineEvents) {
    this.#events = events;
    this.outboxBytes = options.outboxBytes;
    this.outbox = Buffer.allocUnsafeSlow(options.outboxBytes);
    this.#slots = Array.from({ length: options.slots }, newSlot);
    this.#loop = new NodeLoop({ slots: options.slots, clock: this.#clock, events });
  }

  nowUs(): number {
    return this.#clock.nowUs();
  }

  dial(slot: number, request: DialRequest): void {
    const state = this.#slot(slot);
    assert(state.socket === null, 'a slot is free when it dials');
    const socket = openSocket(request, {
      inbox: this.#inbox,
      received: (length) => this.#received(slot, length),
    });
    const { family } = request.address;
    Object.assign(state, newSlot(), { socket, tls: request.tls !== null, unix: family === 'unix' });
    this.#inUse++;
    socket.on('connect', () => this.#connected(slot));
    if (request.tls !== null) socket.on('secureConnect', () => this.#events.secured(slot, this.nowUs()));
    socket.on('end', () => this.#ended(slot));
    socket.on('error', (error) => this.#failed(slot, error));
    socket.on('close', () => this.#closed(slot));
  }

  send(slot: number, start: number, end: number): boolean {
    const state = this.#slot(slot);
    const { socket } = state;
    assert(socket !== null && !state.stalled, 'a slot that sends is in use and not stalled');
    if (state.tls) return this.#sendThroughTls(slot, socket, Buffer.from(this.outbox.subarray(start, end)));
    socket.write(this.#outboxView(start, end));
    // A send that fails at once leaves nothing queued either, and its error comes as an event only later.
    if (socket.writableLength === 0 && socket.errored === null) return true;
    this.#stall(slot, end - start);
    return false;
  }

  /** libuv makes each write by a call of its own. */
  sendTogether(slot: number, start: number, end: number): boolean {
    return this.send(slot, start, end);
  }

  /**
   * A view of the outbox. Frames of one size, the usual case, are sent from one and the same view: making one costs
   * as much as encoding the frame. A view that a write still holds goes with its outbox.
   */
  #outboxView(start: number, end: number): Buffer {
    if (this.#viewStart !== start || this.#viewEnd !== end) {
      this.#view = this.outbox.subarray(start, end);
      this.#viewStart = start;
      this.#viewEnd = end;
    }
    return this.#view;
  }

  close(slot: number): void {
    const { socket } = this.#slot(slot);
    assert(socket !== null, 'a slot that closes is in use');
    socket.destroySoon();
  }

  destroy(slot: number): void {
    const state = this.#slot(slot);
    assert(state.socket !== null, 'a slot that is destroyed is in use');
    state.givenUp = true;
    state.socket.destroy();
  }

  halfClose(slot: number): void {
    const { socket } = this.#slot(slot);
    assert(socket !== null, 'a slot that closes its half is in use');
    socket.end();
  }

  /** TLS has no reset of its own: there it is a close without its closing alert. */
  reset(slot: number): void {
    const state = this.#slot(slot);
    assert(state.socket !== null, 'a slot that is reset is in use');
    state.givenUp = true;
    if (state.tls || state.unix || !state.connected) state.socket.destroy();
    else state.socket.resetAndDestroy();
  }

  pause(slot: number): void {
    this.#slot(slot).socket?.pause();
  }

  resume(slot: number): void {
    this.#slot(slot).socket?.resume();
  }

  get utilization(): number {
    return this.#loopAtStart === null ? 0 : performance.eventLoopUtilization(this.#loopAtStart).utilization;
  }

  socketFacts(): null {
    return null;
  }

  setDeadline(slot: number, timer: TimerKind, atUs: number): void {
    this.#loop.setDeadline(slot, timer, atUs);
  }

  clearDeadline(slot: number, timer: TimerKind): void {
    this.#loop.clearDeadline(slot, timer);
  }

  async run(): Promise<void> {
    this.#loopAtStart = performance.eventLoopUtilization();
    await this.#loop.run();
    if (this.#inUse > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
  }

  stop(): void {
    this.#loop.stop();
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (this.#slots[slot]?.socket) this.destroy(slot);
    }
  }

  #slot(slot: number): Slot {
    const state = this.#slots[slot];
    assert(state !== undefined, 'the slot exists');
    return state;
  }

  /**
   * TLS keeps a copy of what it could not encrypt at once, and its writes complete later even when the kernel takes
   * everything; only a queue above the stream's high-water mark is a stall. What is not complete when the connection
   * ends counts as unsent, stalled or not.
   */
  #sendThroughTls(slot: number, socket: Socket, bytes: Buffer): boolean {
    const state = this.#slot(slot);
    state.pendingBytes += bytes.length;
    const taken = socket.write(bytes, (error) => {
      if (!error && state.socket === socket) state.pendingBytes -= bytes.length;
    });
    if (taken) return true;
    state.stalled = true;
    socket.once('drain', () => this.#drained(slot, socket, null));
    return false;
  }

  /** An empty write queued behind the stalled one calls back when that one is done, whatever its size. */
  #stall(slot: number, bytes: number): void {
    const state = this.#slot(slot);
    const { socket } = state;
    const outbox = this.outbox;
    state.stalled = true;
    state.pendingBytes = bytes;
    state.refused = socket !== null && socket.errored !== null;
    this.outbox = this.#spareOutboxes.pop() ?? Buffer.allocUnsafeSlow(this.outboxBytes);
    this.#viewEnd = 0;
    socket?.write(EMPTY, (error) => {
      if (!error) this.#drained(slot, socket, outbox);
    });
  }

  #drained(slot: number, socket: Socket, outbox: Buffer | null): void {
    if (outbox !== null && this.#spareOutboxes.length < SPARE_OUTBOXES_MAX) this.#spareOutboxes.push(outbox);
    const state = this.#slot(slot);
    if (state.socket !== socket || socket.destroyed) return;
    state.stalled = false;
    if (!state.tls) state.pendingBytes = 0;
    this.#events.writable(slot, this.nowUs());
  }

  #received(slot: number, length: number): void {
    if (this.#slot(slot).socket?.destroyed !== false) return;
    this.#chunk.end = length;
    this.#events.received(slot, this.#chunk, this.nowUs());
  }

  #connected(slot: number): void {
    const state = this.#slot(slot);
    if (state.socket !== null && metItself(state.socket)) {
      state.failure = MET_ITSELF;
      state.failedAtUs = this.nowUs();
      state.socket.destroy();
      return;
    }
    state.connected = true;
    this.#events.dialed(slot, this.nowUs(), NO_FACTS);
  }

  #ended(slot: number): void {
    const { socket, tls, unix } = this.#slot(slot);
    if (socket === null || socket.destroyed || (!tls && !unix && !socket.writableEnded && wasReset(socket)))
      return;
    this.#events.ended(slot, this.nowUs());
  }

  /** After its handshake a TLS socket only reports an error and lives on; here every failure is the end. */
  #failed(slot: number, error: Error): void {
    const state = this.#slot(slot);
    if (state.failure !== null) return;
    state.failure = describeFailure(error);
    state.failedAtUs = this.nowUs();
    state.socket?.destroy();
  }

  #closed(slot: number): void {
    const state = this.#slot(slot);
    const { connected } = state;
    const facts = closingFacts(state);
    const failure = state.givenUp ? null : state.failure;
    const nowUs = failure === null ? this.nowUs() : state.failedAtUs;
    Object.assign(state, newSlot());
    this.#loop.clearSlot(slot);
    this.#inUse--;
    if (!connected && failure !== null) this.#events.dialFailed(slot, nowUs, failure, NO_FACTS);
    else this.#events.closed(slot, nowUs, failure, facts);
    if (this.#inUse === 0) this.#whenIdle?.();
  }
}

/**
 * Whether the end that a TCP socket reports was a reset: where data and RST have both arrived, libuv delivers the
 * data and then says EOF, since the poll had said "hung up". The kernel still owes the error, and a write of nothing
 * fetches it; its `error` and `close` follow. A unix socket would answer EPIPE, TLS hides the answer: not asked there.
 * Source: libuv's src/unix/stream.c, uv__stream_io; Linux's net/ipv4/tcp.c, tcp_sendmsg_locked.
 */
function wasReset(socket: Socket): boolean {
  socket.write(EMPTY);
  const error: NodeJS.ErrnoException | null = socket.errored;
  return error?.code === 'ECONNRESET';
}

function metItself({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

interface Slot {
  socket: Socket | null;
  tls: boolean;
  unix: boolean;
  connected: boolean;
  stalled: boolean;
  /** The session asked for the end at once: what the socket says afterwards is no failure. */
  givenUp: boolean;
  /** Size of what was sent and is not wholly with the kernel; how much of it is not visible here. */
  pendingBytes: number;
  /** It failed at once, and waited for nobody. */
  refused: boolean;
  failure: Failure | null;
  failedAtUs: number;
}

function newSlot(): Slot {
  return {
    socket: null,
    tls: false,
    unix: false,
    connected: false,
    stalled: false,
    givenUp: false,
    pendingBytes: 0,
    refused: false,
    failure: null,
    failedAtUs: 0,
  };
}

function closingFacts({ pendingBytes, refused }: Slot): ClosingFacts {
  return { ...NOTHING_SEEN, bytesUnsent: pendingBytes, exact: pendingBytes === 0, refused };
}

/** One read takes at most this much; libuv itself never offers the kernel more than 64 KiB. */
const INBOX_BYTES = 65_536;
/** Outboxes kept for the next stall; further ones are left to the garbage collector. */
const SPARE_OUTBOXES_MAX = 16;
const EMPTY = Buffer.alloc(0);
/** Node does not read TCP_INFO. */
const NO_FACTS: DialFacts = { synRetransmits: null };
