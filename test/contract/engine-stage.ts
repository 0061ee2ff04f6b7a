import { strict as assert } from 'node:assert';

import type { DialRequest, Engine, EngineEvents, EngineOptions, TimerKind } from '../../src/engine/engine.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { EngineRecorder, type SlotEvent } from './engine-recorder.ts';
import { EngineRules } from './engine-rules.ts';

/**
 * Plays a test's script inside an engine's loop. The script is a generator that yields what it waits for and goes on
 * from within the event that brings it about: so it works with an engine that holds its thread until it is stopped,
 * and requests are made from inside every kind of event.
 */
export class EngineStage {
  readonly engine: Engine;
  readonly rules: EngineRules;
  readonly seen: EngineRecorder;
  #script: Script | null = null;
  #waitsFor: Waiting | null = null;
  #advancing: boolean = false;
  #error: unknown = null;
  #giveUpUs: number = 0;

  readonly #together: boolean;

  /** @param options `together`: sends may be put off and made together. @default false */
  constructor(
    create: CreateEngine,
    { together = false, ...options }: EngineOptions & { together?: boolean },
  ) {
    this.#together = together;
    this.seen = new EngineRecorder({
      slots: options.slots,
      rules: () => this.rules,
      happened: () => this.#advance(),
    });
    this.engine = create(options, this.seen);
    this.rules = new EngineRules(options.slots, () => this.engine.nowUs());
  }

  /** Runs the engine until the script is through; then every slot has to be free and no rule broken. */
  async play(script: (stage: EngineStage) => Script): Promise<void> {
    this.#script = script(this);
    this.#giveUpUs = this.engine.nowUs() + SCRIPT_US_MAX;
    await this.engine.run();
    if (this.#error !== null) throw this.#error;
    assert.deepEqual(this.rules.faults, []);
    assert.deepEqual(this.rules.slotsInUse(), []);
  }

  dial(slot: number, request: Partial<DialRequest> & Pick<DialRequest, 'address'>): void {
    this.seen.forget(slot);
    this.rules.dialing(slot, (request.tls ?? null) !== null);
    this.rules.request(() => this.engine.dial(slot, { ...DIAL_DEFAULTS, ...request }));
  }

  /** Sends from either end of the outbox's piece, and spoils the next at once: by contract it is free. */
  send(slot: number, bytes: Uint8Array): boolean {
    const { outbox, outboxStart, outboxBytes } = this.engine;
    const room = this.#together || bytes.length % 2 === 0 ? 0 : outboxBytes - bytes.length;
    const [start, end] = [outboxStart + room, outboxStart + room + bytes.length];
    outbox.set(bytes, start);
    const taken = this.rules.request(() =>
      this.#together ? this.engine.sendTogether(slot, start, end) : this.engine.send(slot, start, end),
    );
    this.rules.slot(slot).stalled = !taken;
    const { outbox: next, outboxStart: nextStart } = this.engine;
    next.fill(0xee, nextStart, nextStart + outboxBytes);
    return taken;
  }

  close(slot: number): void {
    this.rules.slot(slot).closing = true;
    this.rules.request(() => this.engine.close(slot));
  }

  halfClose(slot: number): void {
    this.rules.request(() => this.engine.halfClose(slot));
  }

  reset(slot: number): void {
    Object.assign(this.rules.slot(slot), { closing: true, destroyed: true });
    this.rules.request(() => this.engine.reset(slot));
  }

  destroy(slot: number): void {
    Object.assign(this.rules.slot(slot), { closing: true, destroyed: true });
    this.rules.request(() => this.engine.destroy(slot));
  }

  pause(slot: number): void {
    Object.assign(this.rules.slot(slot), { paused: true, bytesWhilePaused: 0 });
    this.rules.request(() => this.engine.pause(slot));
  }

  resume(slot: number): void {
    Object.assign(this.rules.slot(slot), { paused: false, bytesWhilePaused: 0 });
    this.rules.request(() => this.engine.resume(slot));
  }

  setDeadline(slot: number, timer: TimerKind, atUs: number): void {
    this.rules.slot(slot).deadlines.set(timer, atUs);
    this.rules.request(() => this.engine.setDeadline(slot, timer, atUs));
  }

  clearDeadline(slot: number, timer: TimerKind): void {
    this.rules.slot(slot).deadlines.delete(timer);
    this.rules.request(() => this.engine.clearDeadline(slot, timer));
  }

  /** Ends the play. What is still open is destroyed by contract. */
  stop(): void {
    this.#script = null;
    for (const slot of this.rules.slotsInUse()) {
      Object.assign(this.rules.slot(slot), { closing: true, destroyed: true });
    }
    this.rules.request(() => this.engine.stop());
  }

  /** Names of what happened on the slot since its last dial; `received` is left out, its number is chance. */
  story(slot: number): string[] {
    return this.seen.log(slot).events.map(({ type }) => type);
  }

  /** Everything received on the slot since its last dial. */
  received(slot: number): Buffer {
    return Buffer.concat(this.seen.log(slot).chunks);
  }

  /** To be yielded: waits until the slot has seen such an event since its last dial. */
  until(slot: number, type: SlotEvent['type']): Waiting {
    return { what: `${type} on slot ${slot}`, holds: () => this.story(slot).includes(type) };
  }

  /** To be yielded: waits until so many bytes have been received. */
  untilReceived(slot: number, bytes: number): Waiting {
    return { what: `${bytes} bytes on slot ${slot}`, holds: () => this.seen.log(slot).bytes >= bytes };
  }

  /** To be yielded: waits until no send is under way on the slot. */
  untilDrained(slot: number): Waiting {
    return { what: `writable on slot ${slot}`, holds: () => !this.rules.slot(slot).stalled };
  }

  /** To be yielded: lets the loop run for a while, to see what it does not do. */
  forAWhile(ms: number = 100): Waiting {
    const endUs = this.engine.nowUs() + ms * 1000;
    return { what: `${ms} ms`, holds: () => this.engine.nowUs() >= endUs };
  }

  /** Lets the script go on as far as it can. An event from inside one of its requests leaves it where it is. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    try {
      while (this.#script !== null && (this.#waitsFor?.holds() ?? true)) this.#step(this.#script);
      if (this.#script !== null && this.engine.nowUs() > this.#giveUpUs) this.#fail(this.#timeout());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#advancing = false;
    }
  }

  #step(script: Script): void {
    const { done, value } = script.next();
    if (done === true) this.stop();
    else this.#waitsFor = value;
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.stop();
  }

  #timeout(): Error {
    const stories = this.rules.slotsInUse().map((slot) => `slot ${slot}: ${this.story(slot).join(', ')}`);
    const faults = this.rules.faults.join('; ');
    return new Error(`Waited in vain for ${this.#waitsFor?.what} (${stories.join('; ')}; faults: ${faults})`);
  }
}

export type CreateEngine = (options: EngineOptions, events: EngineEvents) => Engine;

/** What a script waits for, looked at after every event and at every tick. */
export interface Waiting {
  what: string;
  holds: () => boolean;
}

export type Script = Generator<Waiting, void, void>;

const DIAL_DEFAULTS = { options: DEFAULT_SOCKET_OPTIONS, sourceIp: null, tls: null } as const;
const SCRIPT_US_MAX = 15_000_000;
