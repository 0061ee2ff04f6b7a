import type { Chunk, Failure, TimerKind, ClosingFacts, DialFacts } from '../../src/engine/engine.ts';

/**
 * What every engine owes in every test: a model of each slot that is told of all requests and events and notes each
 * event that the contract forbids.
 */
export class EngineRules {
  /** What the engine did against its contract, in the order in which it happened. */
  readonly faults: string[] = [];
  readonly #slots: SlotModel[];
  readonly #nowUs: () => number;
  /** Greater than zero while the test is inside a request. */
  #inRequest: number = 0;

  constructor(slots: number, nowUs: () => number) {
    this.#slots = Array.from({ length: slots }, newModel);
    this.#nowUs = nowUs;
  }

  /** Runs a request; an event that comes before it returns is a fault. */
  request<T>(ask: () => T): T {
    this.#inRequest++;
    try {
      return ask();
    } finally {
      this.#inRequest--;
    }
  }

  slot(slot: number): SlotModel {
    const model = this.#slots[slot];
    if (model === undefined) throw new Error(`The test has no slot ${slot}`);
    return model;
  }

  slotsInUse(): number[] {
    return this.#slots.flatMap((model, slot) => (model.phase === 'free' ? [] : [slot]));
  }

  dialing(slot: number, tls: boolean): void {
    const { deadlines } = this.slot(slot);
    Object.assign(this.slot(slot), newModel(), { phase: 'dialing', tls, lastUs: this.#nowUs(), deadlines });
  }

  dialed(slot: number, nowUs: number, { synRetransmits }: DialFacts): void {
    const model = this.#socketEvent('dialed', slot, nowUs);
    if (model.phase !== 'dialing') this.#fault(slot, `dialed while ${model.phase}`);
    this.#checkCount(slot, 'synRetransmits', synRetransmits);
    model.phase = 'connected';
  }

  dialFailed(slot: number, nowUs: number, failure: Failure, { synRetransmits }: DialFacts): void {
    const model = this.#socketEvent('dialFailed', slot, nowUs);
    if (model.phase !== 'dialing') this.#fault(slot, `dialFailed while ${model.phase}`);
    this.#checkCount(slot, 'synRetransmits', synRetransmits);
    this.#checkFailure(slot, failure);
    Object.assign(model, newModel());
  }

  secured(slot: number, nowUs: number): void {
    const model = this.#connectedEvent('secured', slot, nowUs);
    if (!model.tls || model.secured) this.#fault(slot, 'secured without TLS or twice');
    model.secured = true;
  }

  received(slot: number, { bytes, start, end }: Readonly<Chunk>, nowUs: number): void {
    const model = this.#connectedEvent('received', slot, nowUs);
    const length = end - start;
    if (start < 0 || length < 1 || end > bytes.length)
      this.#fault(slot, `received [${start}, ${end}) of ${bytes.length} bytes`);
    if (model.ended) this.#fault(slot, 'received after ended');
    if (model.tls && !model.secured) this.#fault(slot, 'received before secured');
    if (model.paused) model.bytesWhilePaused += length;
    if (model.bytesWhilePaused > PAUSED_BYTES_MAX)
      this.#fault(slot, 'received more than one read while paused');
  }

  ended(slot: number, nowUs: number): void {
    const model = this.#connectedEvent('ended', slot, nowUs);
    if (model.ended) this.#fault(slot, 'ended twice');
    model.ended = true;
  }

  /** What was put off had been answered with true, and stays under way even where the end was asked for since. */
  stalled(slot: number, nowUs: number, bytes: number): void {
    this.#event('stalled', slot, nowUs);
    const model = this.slot(slot);
    if (model.phase !== 'connected') this.#fault(slot, `stalled while ${model.phase}`);
    if (!(bytes > 0)) this.#fault(slot, `stalled with ${bytes} bytes`);
    model.stalled = true;
  }

  writable(slot: number, nowUs: number): void {
    const model = this.#connectedEvent('writable', slot, nowUs);
    if (!model.stalled) this.#fault(slot, 'writable though no send is under way');
    model.stalled = false;
  }

  closed(slot: number, nowUs: number, failure: Failure | null, unsent: ClosingFacts): void {
    const model = this.#socketEvent('closed', slot, nowUs);
    if (failure === null && !model.closing) this.#fault(slot, 'closed without failure or request');
    if (failure !== null && model.destroyed) this.#fault(slot, `closed by ${failure.errno} after destroy`);
    if (failure !== null) this.#checkFailure(slot, failure);
    const { bytesAccepted, bytesUnsent, exact } = unsent;
    if (bytesAccepted < 0 || bytesUnsent < 0) this.#fault(slot, 'closed with negative byte counts');
    for (const fact of ['bytesAcked', 'bytesUnread', 'bytesUnacked', 'synRetransmits'] as const) {
      this.#checkCount(slot, fact, unsent[fact]);
    }
    if (bytesUnsent === 0 && !exact) this.#fault(slot, 'nothing unsent, and yet not exact');
    if (model.stalled && bytesUnsent === 0)
      this.#fault(slot, 'closed with a send under way and nothing unsent');
    Object.assign(model, newModel());
  }

  expired(slot: number, timer: TimerKind, nowUs: number): void {
    this.#event('expired', slot, nowUs);
    const { deadlines } = this.slot(slot);
    const atUs = deadlines.get(timer);
    if (atUs === undefined) this.#fault(slot, `expired ${timer}, which is not set`);
    else if (nowUs < atUs) this.#fault(slot, `expired ${timer} ${atUs - nowUs} us early`);
    deadlines.delete(timer);
  }

  tick(nowUs: number): void {
    this.#event('tick', -1, nowUs);
  }

  #connectedEvent(event: string, slot: number, nowUs: number): SlotModel {
    const model = this.#socketEvent(event, slot, nowUs);
    if (model.phase !== 'connected') this.#fault(slot, `${event} while ${model.phase}`);
    return model;
  }

  #socketEvent(event: string, slot: number, nowUs: number): SlotModel {
    this.#event(event, slot, nowUs);
    const model = this.slot(slot);
    if (model.phase === 'free') this.#fault(slot, `${event} on a free slot`);
    if (model.destroyed && event !== 'closed') this.#fault(slot, `${event} after destroy`);
    if (nowUs < model.lastUs)
      this.#fault(slot, `${event} timed before the event or the dial that precedes it`);
    model.lastUs = nowUs;
    return model;
  }

  #event(event: string, slot: number, nowUs: number): void {
    if (this.#inRequest > 0) this.#fault(slot, `${event} from inside a request`);
    if (!(nowUs <= this.#nowUs())) this.#fault(slot, `${event} at ${nowUs}, which is yet to come`);
  }

  #checkFailure(slot: number, failure: Failure): void {
    const { errno, errnoNumber, syscall } = failure;
    const named = /^[A-Z][A-Z0-9_]+$/.test(errno) && /^[a-z]\w*$/.test(syscall);
    const numbered = Number.isInteger(errnoNumber) && (syscall === 'handshake' || errnoNumber > 0);
    if (!named || !numbered) this.#fault(slot, `failure ${JSON.stringify(failure)} does not say what failed`);
  }

  /** What the kernel was asked is a count, or null where it cannot be asked. */
  #checkCount(slot: number, what: string, count: number | null): void {
    if (count !== null && !(Number.isInteger(count) && count >= 0)) this.#fault(slot, `${what} is ${count}`);
  }

  #fault(slot: number, what: string): void {
    this.faults.push(slot === -1 ? what : `slot ${slot}: ${what}`);
  }
}

/** What the contract lets a test expect of one slot. */
export interface SlotModel {
  phase: 'free' | 'dialing' | 'connected';
  tls: boolean;
  secured: boolean;
  ended: boolean;
  /** A send answered false, and `writable` is owed. */
  stalled: boolean;
  /** The test asked for the end, in order or at once. */
  closing: boolean;
  destroyed: boolean;
  paused: boolean;
  bytesWhilePaused: number;
  lastUs: number;
  deadlines: Map<TimerKind, number>;
}

function newModel(): SlotModel {
  return {
    phase: 'free',
    tls: false,
    secured: false,
    ended: false,
    stalled: false,
    closing: false,
    destroyed: false,
    paused: false,
    bytesWhilePaused: 0,
    lastUs: 0,
    deadlines: new Map<TimerKind, number>(),
  };
}

/** Source: the contract of `pause`: what one read had taken before may still come. */
const PAUSED_BYTES_MAX = 65_536;
