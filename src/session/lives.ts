import { Random } from '../base/random.ts';
import { COUNTER, type Counters } from '../measure/counters.ts';
import type { DialOutcome, SessionOutcome } from '../measure/outcome.ts';
import { backoffPauseUs } from '../schedule/backoff.ts';
import { lifetimeUs } from '../schedule/lifetime.ts';
import type { SessionPlan } from './session-plan.ts';

/** How a session or the dial before it ended. */
export type SessionEnd =
  | { phase: 'dial'; outcome: DialOutcome }
  /** `answered`: the target had sent something, or the plan itself ended the session. */
  | { phase: 'session'; outcome: SessionOutcome; answered: boolean };

/** Which of its slot's connections, one after the other, a session has. */
export interface Life {
  connection: number;
  /** 0 for the first. */
  number: number;
}

/**
 * What a slot's connection leaves to the one after it: how many there were, how many failed in a row, and what ended
 * the last. Slots are numbered from 0.
 */
export class Lives {
  readonly #plan: SessionPlan;
  readonly #counters: Counters;
  readonly #begun: Uint32Array;
  readonly #failures: Uint32Array;
  /** 1: one of the slot's connections was up. */
  readonly #wasUp: Uint8Array;
  /** The counter of dials after an end of this kind; 0 where the next dial follows no end. */
  readonly #cause: Uint16Array;

  constructor(plan: SessionPlan, slots: number, counters: Counters) {
    this.#plan = plan;
    this.#counters = counters;
    this.#begun = new Uint32Array(slots);
    this.#failures = new Uint32Array(slots);
    this.#wasUp = new Uint8Array(slots);
    this.#cause = new Uint16Array(slots);
  }

  /** The slot is dialled: answers which of its lives begins, and counts it by the end it follows. */
  begin(slot: number): number {
    const cause = this.#cause[slot] as number;
    if (cause !== 0) this.#counters[cause]!++;
    this.#cause[slot] = 0;
    return this.#begun[slot]!++;
  }

  /**
   * The slot's connection has ended: answers for how many microseconds the slot rests before it is dialled again; null
   * where the plan replaces none, or where this machine had no means for the slot's first.
   */
  ended(slot: number, connection: number, end: SessionEnd): number | null {
    const { reconnect, backoff, seed } = this.#plan;
    if (end.phase === 'session') this.#wasUp[slot] = 1;
    if (reconnect === 'none') return null;
    if (end.outcome === 'localLimit' && this.#wasUp[slot] === 0) return null;
    this.#cause[slot] = COUNTER[`reconnect:${end.phase}:${end.outcome}` as keyof typeof COUNTER];
    const worked = end.phase === 'session' && end.answered;
    const failures = worked ? 0 : (this.#failures[slot] as number) + 1;
    this.#failures[slot] = failures;
    if (reconnect === 'immediate' || backoff === null) return end.phase === 'dial' ? FAILED_DIAL_REST_US : 0;
    const random = lifeStream(seed, { connection, number: this.#begun[slot] as number }, BACKOFF_STREAM);
    return backoffPauseUs(backoff, failures, random);
  }
}

/** The age at which the plan closes this connection, in microseconds; null where no time decides. */
export function plannedAgeUs({ lifetime, seed }: SessionPlan, life: Life): number | null {
  return lifetime === null ? null : lifetimeUs(lifetime, () => lifeStream(seed, life, LIFETIME_STREAM));
}

/** A stream of its own for each life of each connection, so that it does not matter which shard has which. */
function lifeStream(seed: number, { connection, number }: Life, purpose: number): Random {
  return new Random(new Random(seed, connection).uint32() ^ purpose, number);
}

/** Keep what is drawn for one purpose apart from what is drawn for another. */
const LIFETIME_STREAM = 0x11fe;
const BACKOFF_STREAM = 0xbac0;
/** How long a slot whose dial failed waits before it is dialled again: 10 dials a second and connection at most. */
const FAILED_DIAL_REST_US = 100_000;
