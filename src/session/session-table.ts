import { present } from '../base/assert.ts';
import type { Chunk, DialFacts, EngineEvents, Failure, TimerKind, ClosingFacts } from '../engine/engine.ts';
import type { Session } from './session.ts';

/** What the table does not hand to a session: the loop's tick and the deadlines of the slot that is no connection. */
export interface TableOwner {
  tick(nowUs: number): void;
  ownerExpired(nowUs: number): void;
}

/**
 * Hands the engine's events to the sessions by slot. The last slot belongs to no connection: its deadlines are the
 * owner's. A slot whose session is not there yet can only have its pace deadline, at which its dial is due.
 */
export class SessionTable implements EngineEvents {
  readonly #sessions: (Session | null)[];
  readonly #ownerSlot: number;
  readonly #owner: TableOwner;
  readonly #dialDue: (slot: number) => void;

  constructor(options: { connections: number; owner: TableOwner; dialDue: (slot: number) => void }) {
    this.#sessions = Array.from({ length: options.connections }, () => null);
    this.#ownerSlot = options.connections;
    this.#owner = options.owner;
    this.#dialDue = options.dialDue;
  }

  /** Slot of the owner's deadlines. */
  get ownerSlot(): number {
    return this.#ownerSlot;
  }

  put(slot: number, session: Session): void {
    this.#sessions[slot] = session;
  }

  /** The session of the slot; null where it is free. */
  get(slot: number): Session | null {
    return this.#sessions[slot] ?? null;
  }

  /** Forgets the session, and with it what it held. */
  remove(slot: number): void {
    this.#sessions[slot] = null;
  }

  /** Visits the sessions of `slots` slots from `firstSlot` on. */
  forEach(firstSlot: number, slots: number, visit: (session: Session) => void): void {
    for (let slot = firstSlot; slot < firstSlot + slots; slot++) {
      const session = this.#sessions[slot];
      if (session !== null && session !== undefined) visit(session);
    }
  }

  dialed(slot: number, nowUs: number, facts: DialFacts): void {
    this.#at(slot).dialed(nowUs, facts);
  }

  dialFailed(slot: number, nowUs: number, failure: Failure, facts: DialFacts): void {
    this.#at(slot).dialFailed(nowUs, failure, facts);
  }

  secured(slot: number, nowUs: number): void {
    this.#at(slot).secured(nowUs);
  }

  received(slot: number, chunk: Readonly<Chunk>, nowUs: number): void {
    this.#at(slot).received(chunk, nowUs);
  }

  ended(slot: number): void {
    this.#at(slot).ended();
  }

  stalled(slot: number, nowUs: number, bytes: number): void {
    this.#at(slot).stalled(nowUs, bytes);
  }

  writable(slot: number, nowUs: number): void {
    this.#at(slot).writable(nowUs);
  }

  closed(slot: number, nowUs: number, failure: Failure | null, facts: ClosingFacts): void {
    this.#at(slot).closed(nowUs, failure, facts);
  }

  expired(slot: number, timer: TimerKind, nowUs: number): void {
    if (slot === this.#ownerSlot) return this.#owner.ownerExpired(nowUs);
    const session = this.#sessions[slot];
    if (session === null || session === undefined) this.#dialDue(slot);
    else session.expired(timer, nowUs);
  }

  tick(nowUs: number): void {
    this.#owner.tick(nowUs);
  }

  #at(slot: number): Session {
    return present(this.#sessions[slot], 'the session of an event');
  }
}
