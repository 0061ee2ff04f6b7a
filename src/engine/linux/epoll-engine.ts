import { assert } from '../../base/assert.ts';
import { monotonicClock, type Clock } from '../../base/clock.ts';
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
} from '../engine.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, MSG_NOSIGNAL } from './abi.ts';
import { EPOLL_CAPABILITIES } from './capabilities.ts';
import { TogetherCalls, type ReceiveBatch } from './call-batches.ts';
import { Endings } from './endings.ts';
import { Epoll } from './epoll.ts';
import { errnoAction, failureOf } from './errno.ts';
import { Interest, NO_SLOT } from './interest.ts';
import type { Libc } from './libc.ts';
import { PendingSends } from './pending-sends.ts';
import { CLOSING, CONNECTED, DIALING, FREE, GONE, SlotTable } from './slot-table.ts';
import { PutOffSends } from './put-off-sends.ts';
import { CLOSE_TIMER, kindOfTimer, slotOfTimer, SlotTimers } from './slot-timers.ts';
import { SocketCalls } from './socket-calls.ts';
import { INBOX_PIECE_BYTES, StreamBuffers } from './stream-buffers.ts';

export interface EpollEngineOptions extends EngineOptions {
  libc: Libc;
  /**
   * From how many ready connections on calls are made together, where the kernel has io_uring; Infinity: never.
   * @default TOGETHER_FROM
   */
  togetherFrom?: number;
}

/**
 * The engine that makes its own system calls: readiness from epoll, one recv and one send a frame, nothing allocated
 * on the way. Where many connections are ready at once and the kernel has io_uring, it makes their calls together. It
 * knows what the kernel took of every send, and asks TCP_INFO how a dial went.
 *
 * Invariant: a slot's descriptor is open exactly while its state is DIALING, CONNECTED or CLOSING; events of a
 * request (a send that fails, a dial that fails at once, a destroy) are told by the next turn of the loop.
 */
export class EpollEngine implements Engine {
  readonly name: EngineName = 'epoll';
  readonly capabilities: EngineCapabilities = EPOLL_CAPABILITIES;
  readonly outbox: Buffer;
  readonly outboxBytes: number;
  readonly #buffers: StreamBuffers;
  readonly #libc: Libc;
  readonly #calls: SocketCalls;
  readonly #epoll: Epoll;
  readonly #interest: Interest;
  readonly #events: EngineEvents;
  readonly #slots: SlotTable;
  readonly #timers: SlotTimers;
  readonly #clock: Clock = monotonicClock();
  readonly #pending: PendingSends;
  readonly #together: TogetherCalls | null;
  readonly #putOff: PutOffSends;
  readonly #endings: Endings;
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
    this.#together = TogetherCalls.open(libc, this.#buffers, {
      slots,
      from: options.togetherFrom ?? TOGETHER_FROM,
    });
    this.#putOff = new PutOffSends(this.#together?.sends ?? null, {
      events,
      nowUs: () => this.nowUs(),
      keepRest: (slot, start, end, result) => this.#keepRest(slot, start, end, result),
    });
    this.outbox = this.#buffers.outbox;
    this.outboxBytes = options.outboxBytes;
    this.#slots = new SlotTable(slots);
    this.#interest = new Interest(this.#epoll, this.#slots);
    this.#timers = new SlotTimers(slots, this.#clock.nowUs());
    this.#endings = new Endings({
      slots: this.#slots,
      calls: this.#calls,
      pending: this.#pending,
      events,
      clearDeadlines: (slot) => this.#timers.clearAll(slot),
      buffers: this.#buffers,
    });
  }

  get outboxStart(): number {
    return this.#putOff.outboxStart;
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
    if (!this.#interest.add(slot)) this.#giveUp(slot, this.#calls.failure('epoll_ctl'));
  }

  send(slot: number, start: number, end: number): boolean {
    this.#putOff.make();
    if (this.#pending.has(slot)) {
      this.#putOff.assertUntold(slot);
      this.#pending.append(slot, this.outbox.subarray(start, end));
      return false;
    }
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that sends is connected');
    assert(this.#slots.halfClosed[slot] === 0, 'a slot that sends has not closed its half');
    const length = end - start;
    const taken = this.#buffers.send(this.#slots.fd[slot] as number, start, length);
    if (taken === length) return true;
    this.#keepRest(slot, start, end, taken < 0 ? -this.#libc.errno() : taken);
    return false;
  }

  sendTogether(slot: number, start: number, end: number): boolean {
    if (this.#pending.has(slot)) return this.send(slot, start, end);
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that sends is connected');
    assert(this.#slots.halfClosed[slot] === 0, 'a slot that sends has not closed its half');
    const putOff = this.#putOff.add(slot, this.#slots.fd[slot] as number, start, end);
    return putOff || this.send(slot, start, end);
  }

  close(slot: number): void {
    this.#putOff.make();
    if (this.#slots.state[slot] === GONE) return; // the send before it failed, which is told next
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that closes is connected');
    this.#slots.state[slot] = CLOSING;
    this.#timers.set(slot, CLOSE_TIMER, this.nowUs() + CLOSE_US_MAX);
    if (!this.#pending.has(slot)) this.#finishSending(slot);
  }

  halfClose(slot: number): void {
    this.#putOff.make();
    if (this.#slots.state[slot] === GONE) return; // as above
    assert(this.#slots.state[slot] === CONNECTED, 'a slot that closes its half is connected');
    this.#slots.halfClosed[slot] = 1;
    if (!this.#pending.has(slot)) this.#calls.shutdown(this.#slots.fd[slot] as number);
  }

  reset(slot: number): void {
    this.#putOff.make();
    if (this.#slots.state[slot] === CONNECTED || this.#slots.state[slot] === CLOSING) {
      this.#slots.lingerSeconds[slot] = 0;
      this.#calls.resetAtClose(this.#slots.fd[slot] as number);
    }
    this.destroy(slot);
  }

  destroy(slot: number): void {
    this.#putOff.make();
    this.#endings.destroy(slot, this.nowUs());
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
    this.#timers.set(slot, timerIndex(timer), atUs);
  }

  clearDeadline(slot: number, timer: TimerKind): void {
    this.#timers.clear(slot, timerIndex(timer));
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
    this.#endings.tell();
    this.#epoll.close();
    this.#together?.close();
    return Promise.resolve();
  }

  stop(): void {
    this.#running = false;
  }

  #turn(): void {
    const beforeUs = this.nowUs();
    const untilUs = this.#endings.waiting ? beforeUs : this.#timers.nextDueUs(beforeUs, TICK_US_MAX);
    const count = this.#epoll.wait(untilUs - beforeUs);
    const afterUs = this.nowUs();
    this.#waitedUs += afterUs - beforeUs;
    if (this.#together !== null && count >= this.#together.from) this.#serveTogether(this.#together, count);
    else for (let event = 0; event < count && this.#running; event++) this.#serve(event);
    this.#turnUs = count === 0 ? afterUs : this.nowUs();
    this.#timers.expire(this.#turnUs, this.#expire);
    this.#endings.tell();
    if (this.#running) this.#events.tick(this.#turnUs);
  }

  /**
   * Serves the turn's events in groups: what is ready is read, then told; what that led to is sent together with the
   * next group's reading.
   */
  #serveTogether({ receives }: TogetherCalls, count: number): void {
    this.#putOff.begin();
    for (let event = 0; event < count && this.#running;) {
      receives.clear();
      for (; event < count && !receives.full; event++) {
        const slot = this.#interest.slotOf(event);
        if (slot === NO_SLOT) continue;
        const readable = this.#epoll.flags(event) === EPOLLIN && this.#slots.reads(slot);
        if (readable) receives.add(slot, this.#slots.fd[slot] as number);
        else if (this.#running) this.#serve(event);
      }
      receives.run();
      this.#putOff.settle();
      this.#tellReceived(receives);
    }
    this.#putOff.finish();
  }

  #tellReceived(receives: ReceiveBatch): void {
    const nowUs = this.nowUs();
    for (let call = 0; call < receives.count && this.#running; call++) {
      const [slot, result] = [receives.slot(call), receives.result(call)];
      this.#takeRead(slot, receives.start(call), result, nowUs);
      // There may be more than its piece could hold.
      if (result === INBOX_PIECE_BYTES && this.#slots.reads(slot)) this.#read(slot, EPOLLIN);
    }
  }

  #expired(id: number): void {
    if (!this.#running) return;
    const slot = slotOfTimer(id);
    // The session is told next that it ended, and until then takes it for connected: it would send.
    if (this.#slots.state[slot] === GONE) return;
    const kind = TIMER_KINDS[kindOfTimer(id)];
    if (kind !== undefined) this.#events.expired(slot, kind, this.#turnUs);
    else this.#closeExpired(slot);
  }

  /** An orderly close has waited for a second; a linger time lets it wait for one more. */
  #closeExpired(slot: number): void {
    const lingers = this.#calls.unacked(this.#slots.fd[slot] as number) > 0 && this.#slots.takeLinger(slot);
    if (lingers) this.#timers.set(slot, CLOSE_TIMER, this.#turnUs + CLOSE_US_MAX);
    else this.#endings.unanswered(slot, this.nowUs());
  }

  #serve(event: number): void {
    const slot = this.#interest.slotOf(event);
    if (slot === NO_SLOT) return;
    const flags = this.#epoll.flags(event);
    const state = this.#slots.state[slot];
    if (state === DIALING) return this.#finishDial(slot);
    if (state !== CONNECTED && state !== CLOSING) return;
    if ((flags & (EPOLLIN | EPOLLERR | EPOLLHUP)) !== 0) this.#read(slot, flags);
    if ((flags & EPOLLOUT) !== 0 && this.#pending.has(slot)) this.#flush(slot);
  }

  #finishDial(slot: number): void {
    const fd = this.#slots.fd[slot] as number;
    const info = this.#calls.tcpInfo(fd);
    const failure = this.#calls.dialFailure(fd, info?.wasUp === true);
    if (failure !== null) return this.#giveUp(slot, failure);
    const nowUs = this.nowUs();
    this.#slots.state[slot] = CONNECTED;
    this.#interest.watch(slot, EPOLLIN);
    this.#events.dialed(slot, nowUs, { synRetransmits: info?.totalRetrans ?? null });
  }

  #read(slot: number, flags: number): void {
    const fd = this.#slots.fd[slot] as number;
    if (!this.#slots.reads(slot)) return this.#readError(slot, fd, flags);
    const length = this.#buffers.receive(fd);
    this.#takeRead(slot, 0, length < 0 ? -this.#libc.errno() : length, this.nowUs());
  }

  /** What recv(2) has answered: bytes, 0 at the stream's end, or the errno, negative. */
  #takeRead(slot: number, start: number, result: number, nowUs: number): void {
    const state = this.#slots.state[slot];
    if (state !== CONNECTED && state !== CLOSING) return;
    if (result > 0) {
      this.#events.received(slot, this.#buffers.chunk(start, result), nowUs);
    } else if (result === 0) {
      this.#end(slot);
    } else if (errnoAction('recv', -result) === 'fail') {
      this.#giveUp(slot, failureOf('recv', -result));
    }
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
    this.#interest.watch(slot, this.#pending.has(slot) ? EPOLLOUT : 0);
    if (this.#slots.state[slot] === CONNECTED) this.#events.ended(slot, this.nowUs());
  }

  #flush(slot: number): void {
    const { address, length } = this.#pending.rest(slot);
    const sent = this.#libc.send(this.#slots.fd[slot] as number, address, length, MSG_NOSIGNAL);
    if (sent < 0) return this.#sendFailed(slot, this.#libc.errno());
    if (sent === 0 || !this.#pending.advance(slot, sent, this.nowUs())) return;
    if (this.#slots.state[slot] === CLOSING) {
      this.#finishSending(slot);
    } else {
      this.#interest.refresh(slot, false);
      if (this.#slots.halfClosed[slot] === 1) this.#calls.shutdown(this.#slots.fd[slot] as number);
    }
    this.#events.writable(slot, this.nowUs());
  }

  #sendFailed(slot: number, errno: number): void {
    if (errnoAction('send', errno) !== 'fail') return;
    this.#endings.fail(slot, failureOf('send', errno), this.nowUs());
  }

  /** Keeps what the kernel did not take of `outbox[start, end)`. @param result bytes it took, or the errno, negative */
  #keepRest(slot: number, start: number, end: number, result: number): void {
    if (result < 0) this.#sendFailed(slot, -result);
    this.#pending.keep(slot, this.outbox.subarray(start, end), result);
    if (this.#slots.state[slot] === CONNECTED) this.#interest.refresh(slot, true);
  }

  /** Everything queued is with the kernel: the FIN goes behind it, and the peer's is waited for, nothing else. */
  #finishSending(slot: number): void {
    for (const timer of TIMER_KINDS) this.clearDeadline(slot, timer);
    this.#calls.shutdown(this.#slots.fd[slot] as number);
    this.#slots.halfClosed[slot] = 1;
    if (this.#slots.ended[slot] === 1) this.#giveUp(slot, null);
    else this.#interest.watch(slot, EPOLLIN);
  }

  #giveUp(slot: number, failure: Failure | null): void {
    this.#endings.giveUp(slot, failure, this.nowUs());
  }

  #setPaused(slot: number, paused: 0 | 1): void {
    const state = this.#slots.state[slot];
    if (state === CONNECTED || state === DIALING) this.#slots.paused[slot] = paused;
    if (state === CONNECTED) this.#interest.refresh(slot, this.#pending.has(slot));
  }
}

/** How long an orderly close waits for the peer's FIN. */
const CLOSE_US_MAX = 1_000_000;
/** The longest time between two looks at the control words. */
const TICK_US_MAX = 10_000;
/** Fewer calls than this cost no less when they are made together. */
const TOGETHER_FROM = 16;
