import { assert, present } from '../../base/assert.ts';
import { NOTHING_SEEN, type ClosingFacts, type EngineEvents, type Failure } from '../engine.ts';
import type { PendingSends } from './pending-sends.ts';
import { CLOSING, DIALING, FREE, GONE, type SlotTable } from './slot-table.ts';
import type { SocketCalls } from './socket-calls.ts';
import type { StreamBuffers } from './stream-buffers.ts';

/** What the endings of an engine's connections use of it. */
export interface EndingTools {
  slots: SlotTable;
  calls: SocketCalls;
  pending: PendingSends;
  events: EngineEvents;
  /** Called when a slot's socket is closed: its deadlines end with it. */
  clearDeadlines: (slot: number) => void;
  buffers: StreamBuffers;
}

/** Connections that have ended, until that is told: no event comes from inside a request. */
export class Endings {
  readonly #tools: EndingTools;
  #gone: number[] = [];
  readonly #bySlot: Map<number, Ending> = new Map();

  constructor(tools: EndingTools) {
    this.#tools = tools;
  }

  /** Whether an end is to be told. */
  get waiting(): boolean {
    return this.#gone.length > 0;
  }

  /** Notes why the connection ends; the bytes of the send that failed are noted by the caller before the end is told. */
  fail(slot: number, failure: Failure, atUs: number): void {
    this.#note(slot, { failure, dialed: true, atUs, ask: true });
  }

  /** The connection, or its dial, is given up: by its failure, or in order. */
  giveUp(slot: number, failure: Failure | null, atUs: number): void {
    const state = this.#tools.slots.state[slot];
    const told = state === CLOSING ? null : failure;
    this.#note(slot, { failure: told, dialed: state !== DIALING, atUs, ask: told !== null });
  }

  /** An orderly close was not answered by the peer's FIN in time: what was sent may not have reached it either. */
  unanswered(slot: number, atUs: number): void {
    this.#note(slot, { failure: null, dialed: true, atUs, ask: true });
  }

  /** The session asks for the end. It may do so before it is told of a failure: then the end is what it asked for. */
  destroy(slot: number, atUs: number): void {
    assert(this.#tools.slots.state[slot] !== FREE, 'a slot that is destroyed is in use');
    this.giveUp(slot, null, atUs);
    const ending = present(this.#bySlot.get(slot), 'the ending of a slot');
    ending.failure = null;
    ending.ask = true;
  }

  /** Tells all that have ended, and frees their slots. */
  tell(): void {
    const gone = this.#gone;
    if (gone.length === 0) return;
    this.#gone = [];
    for (const slot of gone) this.#tellEnd(slot);
  }

  /**
   * The first ending stands. Takes the slot out of the loop; its descriptor stays open until the last event, so that it
   * can be asked. That event is told before the next wait, so epoll need not be told to look away.
   */
  #note(slot: number, ending: Ending): void {
    if (!this.#bySlot.has(slot)) this.#bySlot.set(slot, ending);
    const { slots } = this.#tools;
    if (slots.state[slot] === GONE) return;
    slots.state[slot] = GONE;
    this.#gone.push(slot);
  }

  #tellEnd(slot: number): void {
    const { slots, calls, events, clearDeadlines } = this.#tools;
    const ending = present(this.#bySlot.get(slot), 'the ending of a slot');
    if (ending.dialed && diedSending(ending.failure)) this.#readRest(slot, ending.atUs);
    const { failure, dialed, atUs } = ending;
    const facts = this.#facts(slot, ending);
    const fd = slots.fd[slot] as number;
    if (fd >= 0) calls.close(fd, (slots.lingerSeconds[slot] as number) > 0);
    this.#bySlot.delete(slot);
    clearDeadlines(slot);
    slots.release(slot);
    if (!dialed && failure !== null) events.dialFailed(slot, atUs, failure, facts);
    else events.closed(slot, atUs, failure, facts);
  }

  /** A send finds the end before a read does; what the peer sent before it lies in the kernel, and is delivered. */
  #readRest(slot: number, atUs: number): void {
    const { slots, buffers, events } = this.#tools;
    while (slots.readInterest(slot) !== 0) {
      const length = buffers.receive(slots.fd[slot] as number);
      if (length <= 0) return;
      events.received(slot, buffers.chunk(0, length), atUs);
    }
  }

  /** What became of the connection's bytes; each answer of the kernel costs a system call. */
  #facts(slot: number, { dialed, ask, atUs }: Ending): ClosingFacts {
    const { slots, calls, pending } = this.#tools;
    const fd = slots.fd[slot] as number;
    const cut = pending.drop(slot);
    const asked = fd >= 0 && (ask || !dialed || cut.bytesUnsent > 0);
    if (!asked && slots.ended[slot] === 1) return NOTHING_LEFT;
    const info = asked ? calls.tcpInfo(fd) : null;
    const told = dialed ? info : null;
    const unacked = asked && slots.family[slot] !== 0 ? calls.unacked(fd) : null;
    // The kernel counts our FIN as a byte: unacknowledged as long as anything is, acknowledged as the last of all.
    const fin = slots.halfClosed[slot] === 1 && cut.bytesUnsent === 0 ? 1 : 0;
    const acked = told?.bytesAcked ?? null;
    // Field by field: a spread costs some microseconds, a tenth of a short connection.
    return {
      bytesAccepted: cut.bytesAccepted,
      bytesUnsent: cut.bytesUnsent,
      refused: cut.refused,
      takenUs: cut.takenUs,
      exact: true,
      bytesAcked: acked === null || unacked !== 0 ? acked : Math.max(0, acked - fin),
      bytesUnread: asked || slots.ended[slot] === 0 ? calls.unread(fd) : 0,
      bytesUnacked: unacked === null ? null : Math.max(0, unacked - fin),
      retransmits: told?.retransmits ?? null,
      peerSentUs: told === null || told.silentUs === null ? null : atUs - told.silentUs,
      synRetransmits: dialed ? null : (info?.totalRetrans ?? null),
    };
  }
}

/** What is told of a connection that both sides ended in order: nobody asks. */
const NOTHING_LEFT: Readonly<ClosingFacts> = { ...NOTHING_SEEN, bytesUnread: 0 };

/** Whether a send found that the connection was gone already. */
function diedSending(failure: Failure | null): boolean {
  return failure?.syscall === 'send' && (failure.errno === 'EPIPE' || failure.errno === 'ECONNRESET');
}

/** How a connection ended, kept until its last event is told. */
interface Ending {
  failure: Failure | null;
  dialed: boolean;
  atUs: number;
  /** Whether the kernel is asked what became of the bytes: not after an orderly close, where it costs and tells nothing. */
  ask: boolean;
}
