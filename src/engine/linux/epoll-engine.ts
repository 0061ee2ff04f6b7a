import { assert } from '../../base/assert.ts';
import { monotonicClock, type Clock } from '../../base/clock.ts';
import { TimerWheel } from '../../base/timer-wheel.ts';
import {
  TIMER_KINDS,
  timerIndex,
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
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, MSG_NOSIGNAL } from './abi.ts';
import type { Ending } from './ending.ts';
import { Epoll } from './epoll.ts';
import { errnoAction } from './errno.ts';
import type { Libc } from './libc.ts';
import { PendingSends } from './pending-sends.ts';
import { CLOSING, CONNECTED, DIALING, FREE, GONE, SlotTable } from './slot-table.ts';
import { SocketCalls } from './socket-calls.ts';
import { StreamBuffers } from './stream-buffers.ts';

export interface EpollEngineOptions extends EngineOptions {
  libc: Libc;
}

/**
 * The engine that makes its own system calls: readiness from epoll, one recv and one send a frame, nothing allocated
 * on the way. It knows what the kernel took of every send, and asks TCP_INFO how a dial went.
 *
 * Invariant: a slot's descriptor is open exactly while its state is DIALING, CONNECTED or CLOSING; events of a
 * request (a send that fails, a dial that fails at once, a destroy) are told by the next turn of the loop.
 */
export class EpollEngine implements Engine {
  readonly name: EngineName = 'epoll';
  readonly capabilities: EngineCapabilities = {
    exactPartialWrites: true,
    tcpInfo: true,
    sourceAddress: true,
    socketOptions: true,
    tls: false,
    unixSockets: true,
  };
  readonly outbox: Buffer;
  readonly #buffers: StreamBuffers;
  readonly #libc: Libc;
  readonly #calls: SocketCalls;
  readonly #epoll: Epoll;
  readonly #events: EngineEvents;
  readonly #slots: SlotTable;
  readonly #wheel: TimerWheel;
  readonly #clock: Clock = monotonicClock();
  readonly #pending: PendingSends;
  /** Slots whose last event is to be told by the next turn. */
  #gone: number[] = [];
  readonly #endings = new Map<number, Ending>();
  readonly #tag = { slot: 0, generation: 0 };
  #running: boolean = false;
  #startedUs: number = 0;
  #waitedUs: number = 0;
  /** When the current turn came to its deadlines. */
  #turnUs: number = 0;
  /** Made once: a turn makes nothing. */
  readonly #expire: (id: number) => void = (id) => this.#expired(id);

  constructor(options: EpollEngineOptions, events: EngineEvents) {
    const { libc, slots } = options;
    this.#libc = libc;
    this.#events = events;
    this.#calls = new SocketCalls(libc);
    this.#pending = new PendingSends(libc);
    this.#epoll = new Epoll(libc, process.arch);
    this.#buffers = new StreamBuffers(libc, options.outboxBytes);
    this.outbox = this.#buffers.outbox;
    this.#slots = new SlotTable(slots);
    this.#wheel = new TimerWheel({
      ids: slots * TIMERS_A_SLOT,
      tickUs: WHEEL_TICK_US,
      nowUs: this.#clock.nowUs(),
    });
  }

  nowUs(): number {
    return this.#clock.nowUs();
  }

  dial(slot: number, request: DialRequest): void {
    assert(this.#slots.state[slot] === FREE, 'a slot is free when it dials');
    const fd = this.#calls.open(request.address);
    this.#slots.take(slot, fd);
    this.#slots.setLinger(slot, request.options.lingerSeconds);
    this.#slots.family[slot] = request.address.family === 'unix' ? 0 : request.address.family;
    if (fd < 0) return this.#giveUp(slot, this.#calls.failure('socket'));
    const failure = this.#calls.prepare(fd, request) ?? this.#calls.connect(fd, request.address);
    if (failure !== null) return this.#giveUp(slot, failure);
    if (!this.#epoll.add(fd, EPOLLOUT, this.#tagOf(slot)))
      this.#giveUp(slot, this.#calls.failure('epoll_ctl'));
  }

  send(slot: number, start: number, end: number): boolean {
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that sends is connected');
    assert(!this.#pending.has(slot), 'a slot that sends is not stalled');
    assert(this.#slots.halfClosed[slot] === 0, 'a slot that sends has not closed its half');
    const fd = this.#slots.fd[slot] as number;
    const length = end - start;
    const taken = this.#accepted(slot, this.#buffers.send(fd, start, length));
    if (taken === length) return true;
    this.#pending.keep(slot, this.outbox.subarray(start, end), Math.max(0, taken));
    if (this.#slots.state[slot] === CONNECTED) this.#watch(slot, this.#readInterest(slot) | EPOLLOUT);
    return false;
  }

  close(slot: number): void {
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that closes is connected');
    this.#slots.state[slot] = CLOSING;
    this.#wheel.set(slot * TIMERS_A_SLOT + CLOSE_TIMER, this.nowUs() + CLOSE_US_MAX);
    if (!this.#pending.has(slot)) this.#finishSending(slot);
  }

  halfClose(slot: number): void {
    if (this.#slots.state[slot] === GONE) return; // the send before it failed, which is told next
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that closes its half is connected');
    this.#slots.halfClosed[slot] = 1;
    if (!this.#pending.has(slot)) this.#calls.shutdown(this.#slots.fd[slot] as number);
  }

  reset(slot: number): void {
    if (this.#slots.state[slot] === CONNECTED || this.#slots.state[slot] === CLOSING) {
      this.#slots.lingerSeconds[slot] = 0;
      this.#calls.resetAtClose(this.#slots.fd[slot] as number);
    }
    this.destroy(slot);
  }

  destroy(slot: number): void {
    const state = this.#slots.state[slot];
    assert(state !== FREE, 'a slot that is destroyed is in use');
    const ending = this.#endings.get(slot);
    // The session asked for the end before it was told of the failure: the end is what it asked for.
    if (ending !== undefined) ending.failure = null;
    else this.#giveUp(slot, null);
    (this.#endings.get(slot) as Ending).ask = true;
  }

  pause(slot: number): void {
    this.#setPaused(slot, 1);
  }

  resume(slot: number): void {
    this.#setPaused(slot, 0);
  }

  get utilization(): number {
    return 1 - this.#waitedUs / Math.max(1, this.nowUs() - this.#startedUs);
  }

  socketFacts(slot: number): Record<string, number | string> | null {
    const family = this.#slots.family[slot];
    if (this.#slots.state[slot] !== CONNECTED || (family !== 4 && family !== 6)) return null;
    return this.#calls.readOptions(this.#slots.fd[slot] as number, family);
  }

  setDeadline(slot: number, timer: TimerKind, atUs: number): void {
    this.#wheel.set(slot * TIMERS_A_SLOT + timerIndex(timer), atUs);
  }

  clearDeadline(slot: number, timer: TimerKind): void {
    this.#wheel.clear(slot * TIMERS_A_SLOT + timerIndex(timer));
  }

  /** Holds the thread until `stop()`. */
  run(): Promise<void> {
    assert(!this.#running, 'the loop is run once at a time');
    this.#running = true;
    this.#startedUs = this.nowUs();
    while (this.#running) this.#turn();
    for (let slot = 0; slot < this.#slots.state.length; slot++) {
      if (this.#slots.state[slot] !== FREE) this.destroy(slot);
    }
    this.#tellGone();
    this.#epoll.close();
    return Promise.resolve();
  }

  stop(): void {
    this.#running = false;
  }

  #waitUs(nowUs: number): number {
    return this.#gone.length > 0 ? 0 : this.#wheel.nextDueUs(nowUs, TICK_US_MAX) - nowUs;
  }

  #turn(): void {
    const beforeUs = this.nowUs();
    const count = this.#epoll.wait(this.#waitUs(beforeUs));
    const afterUs = this.nowUs();
    this.#waitedUs += afterUs - beforeUs;
    for (let event = 0; event < count && this.#running; event++) {
      const slot = this.#epoll.slot(event);
      if (this.#slots.generation[slot] === this.#epoll.generation(event)) {
        this.#serve(slot, this.#epoll.flags(event));
      }
    }
    this.#turnUs = count === 0 ? afterUs : this.nowUs();
    this.#wheel.expire(this.#turnUs, this.#expire);
    this.#tellGone();
    if (this.#running) this.#events.tick(this.#turnUs);
  }

  #expired(id: number): void {
    if (!this.#running) return;
    const nowUs = this.#turnUs;
    const slot = Math.floor(id / TIMERS_A_SLOT);
    // The session is told next that it ended, and until then takes it for connected: it would send.
    if (this.#slots.state[slot] === GONE) return;
    const kind = TIMER_KINDS[id % TIMERS_A_SLOT];
    if (kind !== undefined) this.#events.expired(slot, kind, nowUs);
    else if (this.#lingers(slot)) this.#wheel.set(id, nowUs + CLOSE_US_MAX);
    else this.#giveUp(slot, null);
  }

  /** Whether an orderly close that has waited for a second waits for one more. */
  #lingers(slot: number): boolean {
    return this.#calls.unacked(this.#slots.fd[slot] as number) > 0 && this.#slots.takeLinger(slot);
  }

  #serve(slot: number, flags: number): void {
    const state = this.#slots.state[slot];
    if (state === DIALING) return this.#finishDial(slot);
    if (state !== CONNECTED && state !== CLOSING) return;
    if ((flags & (EPOLLIN | EPOLLERR | EPOLLHUP)) !== 0) this.#read(slot, flags);
    if ((flags & EPOLLOUT) !== 0 && this.#pending.has(slot)) this.#flush(slot);
  }

  #finishDial(slot: number): void {
    const fd = this.#slots.fd[slot] as number;
    const failure = this.#calls.dialFailure(fd);
    if (failure !== null) return this.#giveUp(slot, failure);
    const nowUs = this.nowUs();
    this.#slots.state[slot] = CONNECTED;
    this.#watch(slot, EPOLLIN);
    const synRetransmits = this.#calls.tcpInfo(fd)?.totalRetrans ?? null;
    this.#events.dialed(slot, nowUs, { synRetransmits });
  }

  #read(slot: number, flags: number): void {
    const fd = this.#slots.fd[slot] as number;
    if (this.#slots.ended[slot] === 1 || this.#slots.paused[slot] === 1)
      return this.#readError(slot, fd, flags);
    const length = this.#buffers.receive(fd);
    if (length > 0) {
      if (this.#slots.state[slot] === CONNECTED) {
        this.#events.received(slot, this.#buffers.inbox, length, this.nowUs());
      }
      return;
    }
    if (length === 0) return this.#end(slot);
    if (errnoAction('recv', this.#libc.errno()) !== 'fail') return;
    this.#giveUp(slot, this.#calls.failure('recv'));
  }

  /** Where nothing is read, epoll still tells of errors, and would not stop to before they are fetched. */
  #readError(slot: number, fd: number, flags: number): void {
    if ((flags & (EPOLLERR | EPOLLHUP)) === 0) return;
    const failure = this.#calls.pendingError(fd, 'epoll_wait');
    if (failure !== null || this.#slots.ended[slot] === 1) this.#giveUp(slot, failure);
  }

  /** The peer's FIN. From now on reading would only tell it again. */
  #end(slot: number): void {
    this.#slots.ended[slot] = 1;
    if (this.#slots.state[slot] === CLOSING && !this.#pending.has(slot)) return this.#giveUp(slot, null);
    this.#watch(slot, this.#pending.has(slot) ? EPOLLOUT : 0);
    if (this.#slots.state[slot] === CONNECTED) this.#events.ended(slot, this.nowUs());
  }

  #flush(slot: number): void {
    const { address, length } = this.#pending.rest(slot);
    const sent = this.#libc.send(this.#slots.fd[slot] as number, address, length, MSG_NOSIGNAL);
    const taken = this.#accepted(slot, sent);
    if (taken <= 0 || !this.#pending.advance(slot, taken)) return;
    if (this.#slots.state[slot] === CLOSING) this.#finishSending(slot);
    else this.#watch(slot, this.#readInterest(slot));
    if (this.#slots.halfClosed[slot] === 1) this.#calls.shutdown(this.#slots.fd[slot] as number);
    this.#events.writable(slot, this.nowUs());
  }

  /** What send(2) has answered: bytes that the kernel took, or -1 when it took none, its queue being full or the send failed. */
  #accepted(slot: number, taken: number): number {
    if (taken >= 0) return taken;
    if (errnoAction('send', this.#libc.errno()) === 'fail') this.#fail(slot, this.#calls.failure('send'));
    return -1;
  }

  /** Everything queued is with the kernel: the FIN goes behind it, and the peer's is waited for, nothing else. */
  #finishSending(slot: number): void {
    for (const timer of TIMER_KINDS) this.clearDeadline(slot, timer);
    this.#calls.shutdown(this.#slots.fd[slot] as number);
    if (this.#slots.ended[slot] === 1) this.#giveUp(slot, null);
    else this.#watch(slot, EPOLLIN);
  }

  /** Notes why the connection ends; the bytes of the send that failed are noted by the caller before the end is told. */
  #fail(slot: number, failure: Failure): void {
    if (!this.#endings.has(slot))
      this.#endings.set(slot, { failure, dialed: true, atUs: this.nowUs(), ask: true });
    this.#retire(slot);
  }

  #giveUp(slot: number, failure: Failure | null): void {
    const dialed = this.#slots.state[slot] !== DIALING;
    const told = this.#slots.state[slot] === CLOSING ? null : failure;
    if (!this.#endings.has(slot))
      this.#endings.set(slot, { failure: told, dialed, atUs: this.nowUs(), ask: told !== null });
    this.#retire(slot);
  }

  /**
   * Takes the slot out of the loop; its descriptor stays open until the last event, so that it can be asked. That event
   * is told before the next wait, so epoll need not be told to look away.
   */
  #retire(slot: number): void {
    if (this.#slots.state[slot] === GONE) return;
    this.#slots.state[slot] = GONE;
    this.#gone.push(slot);
  }

  #tellGone(): void {
    const gone = this.#gone;
    if (gone.length === 0) return;
    this.#gone = [];
    for (const slot of gone) this.#tellEnd(slot);
  }

  #tellEnd(slot: number): void {
    const ending = this.#endings.get(slot) as Ending;
    const { failure, dialed, atUs } = ending;
    const facts = this.#closingFacts(slot, ending);
    const fd = this.#slots.fd[slot] as number;
    if (fd >= 0) this.#calls.close(fd, (this.#slots.lingerSeconds[slot] as number) > 0);
    this.#endings.delete(slot);
    for (let timer = 0; timer < TIMERS_A_SLOT; timer++) this.#wheel.clear(slot * TIMERS_A_SLOT + timer);
    this.#slots.release(slot);
    if (!dialed && failure !== null) this.#events.dialFailed(slot, atUs, failure, facts);
    else this.#events.closed(slot, atUs, failure, facts);
  }

  /** What became of the connection's bytes; each answer of the kernel costs a system call. */
  #closingFacts(slot: number, { dialed, ask }: Ending): ClosingFacts {
    const fd = this.#slots.fd[slot] as number;
    const cut = this.#pending.drop(slot);
    const asked = fd >= 0 && (ask || !dialed || cut.bytesUnsent > 0);
    const info = asked ? this.#calls.tcpInfo(fd) : null;
    return {
      ...cut,
      exact: true,
      bytesAcked: dialed ? (info?.bytesAcked ?? null) : null,
      bytesUnread: asked || this.#slots.ended[slot] === 0 ? this.#calls.unread(fd) : 0,
      bytesUnacked: asked && this.#slots.family[slot] !== 0 ? this.#calls.unacked(fd) : null,
      synRetransmits: dialed ? null : (info?.totalRetrans ?? null),
    };
  }

  #setPaused(slot: number, paused: 0 | 1): void {
    const state = this.#slots.state[slot];
    if (state !== CONNECTED && state !== DIALING) return;
    this.#slots.paused[slot] = paused;
    if (state !== CONNECTED) return;
    this.#watch(slot, this.#readInterest(slot) | (this.#pending.has(slot) ? EPOLLOUT : 0));
  }

  #readInterest(slot: number): number {
    return this.#slots.ended[slot] === 1 || this.#slots.paused[slot] === 1 ? 0 : EPOLLIN;
  }

  #watch(slot: number, interest: number): void {
    if (this.#slots.interest[slot] === interest) return;
    this.#slots.interest[slot] = interest;
    this.#epoll.modify(this.#slots.fd[slot] as number, interest, this.#tagOf(slot));
  }

  #tagOf(slot: number): { slot: number; generation: number } {
    this.#tag.slot = slot;
    this.#tag.generation = this.#slots.generation[slot] as number;
    return this.#tag;
  }
}

/** The session's timers, and one of the engine's own for a peer that never closes its side. */
const TIMERS_A_SLOT = TIMER_KINDS.length + 1;
const CLOSE_TIMER = TIMER_KINDS.length;
/** How long an orderly close waits for the peer's FIN. */
const CLOSE_US_MAX = 1_000_000;
/** The longest time between two looks at the control words. */
const TICK_US_MAX = 10_000;
const WHEEL_TICK_US = 250;
