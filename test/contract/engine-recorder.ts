import { strict as assert } from 'node:assert';

import type {
  Chunk,
  EngineEvents,
  Failure,
  TimerKind,
  ClosingFacts,
  DialFacts,
} from '../../src/engine/engine.ts';
import type { EngineRules } from './engine-rules.ts';

/** Takes an engine's events: holds them against the rules, keeps them by slot, and says that something happened. */
export class EngineRecorder implements EngineEvents {
  ticks: number = 0;
  readonly #logs: SlotLog[];
  readonly #rules: () => EngineRules;
  readonly #happened: () => void;

  constructor(options: { slots: number; rules: () => EngineRules; happened: () => void }) {
    this.#logs = Array.from({ length: options.slots }, newLog);
    this.#rules = options.rules;
    this.#happened = options.happened;
  }

  /** Forgets what happened on the slot, for its next dial. */
  forget(slot: number): void {
    this.#logs[slot] = newLog();
  }

  log(slot: number): SlotLog {
    const log = this.#logs[slot];
    if (log === undefined) throw new Error(`The test has no slot ${slot}`);
    return log;
  }

  /** The slot's only event of a type. */
  only<T extends SlotEvent['type']>(slot: number, type: T): SlotEvent & { type: T } {
    const found = this.log(slot).events.filter((event) => event.type === type);
    assert.equal(found.length, 1, `${type} comes once on slot ${slot}`);
    return found[0] as SlotEvent & { type: T };
  }

  dialed(slot: number, nowUs: number, facts: DialFacts): void {
    this.#rules().dialed(slot, nowUs, facts);
    this.#note(slot, { type: 'dialed', nowUs, facts: { ...facts } });
  }

  dialFailed(slot: number, nowUs: number, failure: Failure, facts: DialFacts): void {
    this.#rules().dialFailed(slot, nowUs, failure, facts);
    this.#note(slot, { type: 'dialFailed', nowUs, failure, facts: { ...facts } });
  }

  secured(slot: number, nowUs: number): void {
    this.#rules().secured(slot, nowUs);
    this.#note(slot, { type: 'secured', nowUs });
  }

  received(slot: number, chunk: Readonly<Chunk>, nowUs: number): void {
    this.#rules().received(slot, chunk, nowUs);
    const { bytes, start, end } = chunk;
    const log = this.log(slot);
    log.chunks.push(Buffer.from(bytes.subarray(start, end)));
    log.bytes += end - start;
    this.#happened();
  }

  ended(slot: number, nowUs: number): void {
    this.#rules().ended(slot, nowUs);
    this.#note(slot, { type: 'ended', nowUs });
  }

  stalled(slot: number, nowUs: number, bytes: number): void {
    this.#rules().stalled(slot, nowUs, bytes);
    this.#note(slot, { type: 'stalled', nowUs });
  }

  writable(slot: number, nowUs: number): void {
    this.#rules().writable(slot, nowUs);
    this.#note(slot, { type: 'writable', nowUs });
  }

  closed(slot: number, nowUs: number, failure: Failure | null, unsent: ClosingFacts): void {
    this.#rules().closed(slot, nowUs, failure, unsent);
    this.#note(slot, { type: 'closed', nowUs, failure, unsent: { ...unsent } });
  }

  expired(slot: number, timer: TimerKind, nowUs: number): void {
    this.#rules().expired(slot, timer, nowUs);
    this.#note(slot, { type: 'expired', nowUs, timer });
  }

  tick(nowUs: number): void {
    this.ticks++;
    this.#rules().tick(nowUs);
    this.#happened();
  }

  #note(slot: number, event: SlotEvent): void {
    this.log(slot).events.push(event);
    this.#happened();
  }
}

/** What an engine told of a slot; received bytes are kept apart, because their number is chance. */
export type SlotEvent =
  | { type: 'dialed'; nowUs: number; facts: DialFacts }
  | { type: 'secured' | 'ended' | 'stalled' | 'writable'; nowUs: number }
  | { type: 'dialFailed'; nowUs: number; failure: Failure; facts: DialFacts }
  | { type: 'closed'; nowUs: number; failure: Failure | null; unsent: ClosingFacts }
  | { type: 'expired'; nowUs: number; timer: TimerKind };

export interface SlotLog {
  events: SlotEvent[];
  chunks: Buffer[];
  bytes: number;
}

function newLog(): SlotLog {
  return { events: [], chunks: [], bytes: 0 };
}
