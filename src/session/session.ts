import { present } from '../base/assert.ts';
import type { DialFacts, Failure, TimerKind, ClosingFacts } from '../engine/engine.ts';
import { COUNTER } from '../measure/counters.ts';
import type { DialOutcome, Phase, SessionOutcome } from '../measure/outcome.ts';
import { ClosedSchedule } from '../schedule/closed-schedule.ts';
import type { FrameSchedule } from '../schedule/frame-schedule.ts';
import { OpenSchedule } from '../schedule/open-schedule.ts';
import { classifyDial, classifySession } from './classify.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { InFlight } from './in-flight.ts';
import { canTake, nextState, type SessionState, type SessionStep } from './lifecycle.ts';
import { PrefaceReader } from './preface.ts';
import type { SessionContext } from './session-context.ts';

/**
 * One connection's life, from its dial to the engine's last word on it. Takes the engine's events, answers with
 * requests to the engine and counts; it does no I/O and reads no clock of its own. The first cause of its end wins,
 * and is counted once, when the engine says that the connection is gone.
 */
export class Session {
  readonly #context: SessionContext;
  readonly #slot: number;
  readonly #connection: number;
  readonly #inFlight: InFlight = new InFlight();
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  #preface: PrefaceReader | null = null;
  #state: SessionState = 'idle';
  #cause: SessionOutcome | null = null;
  #dialCause: DialOutcome | null = null;
  #phase: Phase = 'dial';
  #phaseStartedUs: number = 0;
  #completedAny: boolean = false;
  #readDeadlineSet: boolean = false;

  /** @param options `slot` in this shard's engine, `connection` number among all of the run's. */
  constructor(context: SessionContext, options: { slot: number; connection: number }) {
    this.#context = context;
    this.#slot = options.slot;
    this.#connection = options.connection;
    this.#writer = new FrameWriter(context, options.slot, options.connection, this.#inFlight);
    this.#reader = new FrameReader(context, options.connection, this.#inFlight, (nowUs) => {
      this.#completedAny = true;
      this.#writer.completed(nowUs);
    });
  }

  dial(): void {
    const { engine, plan, meter } = this.#context;
    const addressIndex = this.#connection % plan.addresses.length;
    const address = present(plan.addresses[addressIndex], 'target address');
    this.#step('dial');
    meter.dialAttempted(addressIndex);
    this.#phaseStartedUs = engine.nowUs();
    engine.setDeadline(this.#slot, 'read', this.#phaseStartedUs + plan.timeouts.connectUs);
    const request = { address, options: plan.socket, sourceIp: this.#sourceIp(), tls: plan.tls };
    engine.dial(this.#slot, request);
  }

  dialed(nowUs: number, { synRetransmits }: DialFacts): void {
    if (this.#state !== 'dialing') return;
    const { engine, plan, meter } = this.#context;
    meter.recorder('dial').record(nowUs - this.#phaseStartedUs);
    this.#noteSyns(synRetransmits);
    meter.connectionOpened();
    meter.dialConnected(this.#connection % plan.addresses.length);
    this.#context.dialEnded(this.#slot);
    this.#phaseStartedUs = nowUs;
    this.#phase = plan.tls === null ? 'open' : 'tls';
    if (plan.tls === null) return this.#greet(nowUs);
    this.#step('secure');
    engine.setDeadline(this.#slot, 'read', nowUs + plan.timeouts.connectUs);
  }

  secured(nowUs: number): void {
    if (this.#state !== 'securing') return;
    this.#context.meter.recorder('tls').record(nowUs - this.#phaseStartedUs);
    this.#greet(nowUs);
  }

  dialFailed(nowUs: number, failure: Failure, { synRetransmits }: DialFacts): void {
    this.#noteSyns(synRetransmits);
    this.#endDial(nowUs, this.#dialCause ?? classifyDial(failure), failure);
  }

  received(bytes: Buffer, length: number, nowUs: number): void {
    this.#context.meter.counters[COUNTER.bytesReceived]! += length;
    if (this.#state === 'preface') this.#readPreface(bytes, length, nowUs);
    else if (this.#reading) this.#readFrames(bytes, 0, length, nowUs);
  }

  /** The peer's FIN. A frame that it cuts is another outcome than an end between frames. */
  ended(): void {
    if (this.#state === 'closing') return;
    this.#close(this.#reader.midFrame ? 'peer-closed-mid-frame' : 'peer-closed');
  }

  writable(nowUs: number): void {
    this.#writer.drained(nowUs);
    this.#watchReply(nowUs);
    this.#closeWhenDrained();
  }

  expired(timer: TimerKind, nowUs: number): void {
    if (this.#state === 'closing') return;
    if (timer === 'read') this.#readExpired(nowUs);
    else if (timer === 'write') this.#close('write-timeout');
    else if (this.#state === 'open') this.#pump(nowUs);
  }

  /** The plan is over: no new frames; closes as soon as nothing is owed any more. */
  drain(nowUs: number): void {
    if (this.#state === 'open') {
      this.#pump(nowUs);
      this.#writer.stop();
      this.#step('drain');
      this.#phase = 'drain';
      this.#closeWhenDrained();
    } else if (canTake(this.#state, 'close')) {
      this.finish();
    }
  }

  /** The drain is over too: closes whatever is still owed. */
  finish(): void {
    if (!canTake(this.#state, 'close')) return;
    if (this.#state === 'dialing') this.#abandonDial('abandoned');
    else this.#close('closed-by-plan');
  }

  /** The engine's last word. */
  closed(nowUs: number, failure: Failure | null, facts: ClosingFacts): void {
    this.#noteSyns(facts.synRetransmits);
    if (this.#phase === 'dial') return this.#endDial(nowUs, this.#dialCause ?? 'other', failure);
    const { meter } = this.#context;
    const outcome = this.#cause ?? this.#classify(failure);
    meter.counters[COUNTER[`session:${outcome}`]]!++;
    meter.connectionEnded();
    const owed = outcome === 'closed-by-plan' ? COUNTER.framesInFlightAtEnd : COUNTER.framesLost;
    meter.counters[owed]! += this.#inFlight.size;
    this.#noteCutFrame(outcome, facts, owed);
    if (outcome !== 'closed-by-plan') this.#noteError(nowUs, outcome, failure);
    this.#end();
  }

  get #reading(): boolean {
    return this.#state === 'open' || this.#state === 'draining';
  }

  #classify(failure: Failure | null): SessionOutcome {
    if (this.#phase === 'tls') return 'tls-failed';
    return failure === null ? 'local-error' : classifySession(failure, this.#reader.midFrame);
  }

  /** The connection is up: exchange prefaces, then frames. */
  #greet(nowUs: number): void {
    const { engine, plan } = this.#context;
    const { send, expect, timeoutUs } = plan.preface;
    this.#phaseStartedUs = nowUs;
    engine.clearDeadline(this.#slot, 'read');
    if (expect === null) {
      if (send !== null) this.#writer.sendPreface(send);
      return this.#open(nowUs);
    }
    this.#step('greet');
    this.#phase = 'preface';
    this.#preface = new PrefaceReader(expect);
    engine.setDeadline(this.#slot, 'read', nowUs + timeoutUs);
    if (send !== null) this.#writer.sendPreface(send);
  }

  #readPreface(bytes: Buffer, length: number, nowUs: number): void {
    const preface = present(this.#preface, 'expected preface');
    const result = preface.read(bytes, length);
    if (result === 'wanting') return;
    if (result === 'different') return this.#close('bad-preface');
    this.#context.meter.recorder('preface').record(nowUs - this.#phaseStartedUs);
    this.#context.engine.clearDeadline(this.#slot, 'read');
    this.#preface = null;
    this.#open(nowUs);
    this.#readFrames(bytes, preface.end, length, nowUs);
  }

  #open(nowUs: number): void {
    this.#step('open');
    this.#phase = 'open';
    this.#writer.start(this.#schedule(nowUs));
    this.#pump(nowUs);
  }

  #schedule(nowUs: number): FrameSchedule {
    const { load, connections } = this.#context.plan;
    if (load.model === 'closed') return new ClosedSchedule({ ...load, startUs: nowUs });
    return new OpenSchedule({
      originUs: this.#context.originUs,
      totalRatePerSecond: load.totalRatePerSecond,
      connection: this.#connection,
      connections,
      fromUs: nowUs,
    });
  }

  #readFrames(bytes: Buffer, start: number, end: number, nowUs: number): void {
    if (start === end) return;
    this.#completedAny = false;
    const result = this.#reader.read(bytes, start, end, nowUs);
    if (result !== 'ok') return this.#close(result === 'oversize' ? 'oversize-frame' : 'malformed-frame');
    if (!this.#completedAny) return;
    if (this.#state === 'open') this.#pump(nowUs);
    else this.#closeWhenDrained();
  }

  #pump(nowUs: number): void {
    this.#writer.pump();
    this.#watchReply(nowUs);
  }

  /**
   * Keeps one deadline for the reply that is owed longest. It is not moved with every frame: when it passes, the
   * frame that is then the oldest decides whether it was meant.
   */
  #watchReply(nowUs: number): void {
    if (this.#readDeadlineSet || this.#inFlight.size === 0) return;
    this.#readDeadlineSet = true;
    this.#context.engine.setDeadline(this.#slot, 'read', nowUs + this.#context.plan.timeouts.readUs);
  }

  #readExpired(nowUs: number): void {
    if (this.#state === 'dialing') return this.#abandonDial('timedOut');
    if (this.#state === 'securing') return this.#close('tls-failed');
    if (this.#state === 'preface') return this.#close('preface-timeout');
    this.#readDeadlineSet = false;
    if (!this.#replyOwed) return;
    const dueUs = this.#inFlight.sentUs(this.#inFlight.oldest) + this.#context.plan.timeouts.readUs;
    if (dueUs <= nowUs) return this.#close(this.#reader.midFrame ? 'read-timeout-mid-frame' : 'read-timeout');
    this.#readDeadlineSet = true;
    this.#context.engine.setDeadline(this.#slot, 'read', dueUs);
  }

  /**
   * A frame that the kernel has not wholly taken cannot be answered: as long as the oldest frame is part of a stalled
   * send (all of a send's frames have its time), the write deadline runs in place of the read deadline.
   */
  get #replyOwed(): boolean {
    const inFlight = this.#inFlight;
    if (inFlight.size === 0) return false;
    return !this.#writer.stalled || inFlight.sentUs(inFlight.oldest) < inFlight.sentUs(inFlight.next - 1);
  }

  #closeWhenDrained(): void {
    if (this.#state !== 'draining' || this.#inFlight.size > 0 || this.#writer.stalled) return;
    this.#cause ??= 'closed-by-plan';
    this.#step('close');
    this.#context.engine.close(this.#slot);
  }

  /** Source addresses turn once every target address had its turn, so that all pairs occur. */
  #sourceIp(): string | null {
    const { sourceIps, addresses } = this.#context.plan;
    const turn = Math.floor(this.#connection / addresses.length);
    return sourceIps[turn % sourceIps.length] ?? null;
  }

  #abandonDial(outcome: DialOutcome): void {
    this.#dialCause ??= outcome;
    this.#step('close');
    this.#context.engine.destroy(this.#slot);
  }

  #close(cause: SessionOutcome): void {
    this.#cause ??= cause;
    this.#step('close');
    this.#context.engine.destroy(this.#slot);
  }

  #endDial(nowUs: number, outcome: DialOutcome, failure: Failure | null): void {
    this.#context.meter.counters[COUNTER[`dial:${outcome}`]]!++;
    if (outcome !== 'abandoned') this.#noteError(nowUs, outcome, failure);
    this.#context.dialEnded(this.#slot);
    this.#end();
  }

  #noteError(nowUs: number, outcome: SessionOutcome | DialOutcome, failure: Failure | null): void {
    const atMs = (nowUs - this.#context.originUs) / 1000;
    const { errno, errnoNumber, syscall } = failure ?? NO_FAILURE;
    this.#context.meter.errors.note({ phase: this.#phase, outcome, errno, errnoNumber, syscall }, atMs);
  }

  /** The ledger of a frame that was cut in its sending; frames behind it that were not begun were never sent. */
  #noteCutFrame(cause: SessionOutcome, facts: ClosingFacts, owed: number): void {
    const cut = this.#writer.cut(facts);
    if (cut === null) return;
    const { meter, plan } = this.#context;
    const { bytesAcked, exact } = facts;
    const { bytesAccepted, bytesUnsent, framesNotBegun, bytesNotBegun } = cut;
    if (bytesAccepted > 0 || !exact) {
      meter.partialWrites.note({ cause, bytesAccepted, bytesUnsent, bytesAcked, exact });
    }
    const booked = plan.match.mode === 'none' ? COUNTER.framesOneWay : owed;
    meter.counters[COUNTER.bytesSent]! -= bytesNotBegun + bytesUnsent;
    meter.counters[COUNTER.framesSent]! -= framesNotBegun;
    meter.counters[booked]! -= framesNotBegun;
  }

  #noteSyns(synRetransmits: number | null): void {
    if (synRetransmits !== null) this.#context.meter.dialSynRetransmits(synRetransmits);
  }

  #end(): void {
    this.#step('gone');
    this.#context.sessionEnded(this.#slot);
  }

  #step(step: SessionStep): void {
    this.#state = nextState(this.#state, step);
  }
}

/** What a session's own deadline leaves behind: no errno and no system call. */
const NO_FAILURE: Failure = { errno: '', errnoNumber: 0, syscall: '' };
