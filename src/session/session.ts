import { present } from '../base/assert.ts';
import type { Chunk, ClosingFacts, DialFacts, Failure, TargetAddress, TimerKind } from '../engine/engine.ts';
import { COUNTER } from '../measure/counters.ts';
import type { DialOutcome, Phase, SessionOutcome } from '../measure/outcome.ts';
import { frameSchedule } from './arrivals.ts';
import { classifyDial, classifySession } from './classify.ts';
import type { FrameReader, ReaderClient } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { Heartbeat } from './heartbeat.ts';
import { InFlight } from './in-flight.ts';
import { canTake, nextState, type SessionState, type SessionStep } from './lifecycle.ts';
import { plannedAgeUs, type SessionEnd } from './lives.ts';
import { PrefaceReader } from './preface.ts';
import type { SessionContext } from './session-context.ts';
import {
  noteCutFrame,
  noteCutReply,
  noteDiscovery,
  noteError,
  noteSyns,
  owedCounter,
} from './session-ledger.ts';
import { LAST_LIFE, PHASE_START, SLOT_TIMES } from './slot-times.ts';
import { sourceIpOf } from './source-ips.ts';

/**
 * One connection's life, from its dial to the engine's last word on it. Takes the engine's events, answers with
 * requests to the engine and counts; it does no I/O and reads no clock of its own. The first cause of its end wins,
 * and is counted once, when the engine says that the connection is gone.
 */
export class Session implements ReaderClient {
  readonly #context: SessionContext;
  readonly #slot: number;
  readonly connection: number;
  readonly #life: number;
  readonly inFlight: InFlight;
  readonly #writer: FrameWriter;
  /** In the middle of a frame only. */
  #reader: FrameReader | null = null;
  readonly #heartbeat: Heartbeat | null;
  #preface: PrefaceReader | null = null;
  #state: SessionState = 'idle';
  #cause: SessionOutcome | null = null;
  #dialCause: DialOutcome | null = null;
  #phase: Phase = 'dial';
  #completedAny: boolean = false;
  #readDeadlineSet: boolean = false;
  #heard: boolean = false;

  /** @param options `slot` in this shard's engine, `connection` number among all of its cohort's, `life` see `Life`. */
  constructor(context: SessionContext, options: { slot: number; connection: number; life: number }) {
    this.#context = context;
    this.#slot = options.slot;
    this.connection = options.connection;
    this.#life = options.life;
    this.inFlight = new InFlight(0, { entries: context.inFlightEntries, place: options.slot });
    this.#writer = new FrameWriter(context, options.slot, options.connection, this.inFlight);
    const { heartbeat } = context.plan;
    const parts = { slot: options.slot, inFlight: this.inFlight, writer: this.#writer };
    this.#heartbeat = heartbeat === null ? null : new Heartbeat(context, heartbeat, parts);
  }

  dial(): void {
    const { engine, plan, meter, sourceIps } = this.#context;
    const [address, addresses] = [this.#address, plan.addresses.length];
    this.#step('dial');
    meter.dialAttempted(this.connection % addresses);
    this.#startPhase(engine.nowUs());
    engine.setDeadline(this.#slot, 'read', this.#phaseStartedUs() + plan.timeouts.connectUs);
    const connection = plan.firstConnection + this.connection;
    const sourceIp = sourceIpOf(sourceIps, address.family, { connection, dial: this.#life, addresses });
    engine.dial(this.#slot, { address, options: plan.socket, sourceIp, tls: plan.tls });
  }

  dialed(nowUs: number, { synRetransmits }: DialFacts): void {
    if (this.#state !== 'dialing') return;
    const { engine, plan, meter } = this.#context;
    meter.recorder('dial').record(nowUs - this.#phaseStartedUs());
    noteSyns(this.#context, synRetransmits);
    this.#noteLife(nowUs);
    this.#context.connected(this.#slot);
    meter.connectionOpened();
    meter.dialConnected(this.connection % plan.addresses.length);
    this.#context.dialEnded(this.#slot);
    this.#startPhase(nowUs);
    this.#phase = plan.tls === null ? 'open' : 'tls';
    if (plan.tls === null) return this.#greet(nowUs);
    this.#step('secure');
    engine.setDeadline(this.#slot, 'read', nowUs + plan.timeouts.connectUs);
  }

  secured(nowUs: number): void {
    if (this.#state !== 'securing') return;
    this.#context.meter.recorder('tls').record(nowUs - this.#phaseStartedUs());
    this.#greet(nowUs);
  }

  dialFailed(nowUs: number, failure: Failure, { synRetransmits }: DialFacts): void {
    noteSyns(this.#context, synRetransmits);
    this.#endDial(nowUs, this.#dialCause ?? classifyDial(failure, this.#address.family), failure);
  }

  received(chunk: Readonly<Chunk>, nowUs: number): void {
    this.#context.meter.counters[COUNTER.bytesReceived]! += chunk.end - chunk.start;
    this.#noteLife(nowUs);
    this.#heard = true;
    if (this.#state === 'preface') this.#readPreface(chunk, nowUs);
    else if (this.#reading()) this.#readFrames(chunk, nowUs);
  }

  /** The peer's FIN. A frame that it cuts is another outcome than an end between frames. */
  ended(): void {
    if (this.#state === 'closing') return;
    this.#close(this.#midFrame() ? 'peer-closed-mid-frame' : 'peer-closed');
  }

  stalled(nowUs: number, bytes: number): void {
    this.#writer.stalledSince(nowUs, bytes);
  }

  writable(nowUs: number): void {
    this.#noteLife(nowUs);
    this.#writer.drained(nowUs);
    this.#watchReply(nowUs);
    this.#retireWhenExhausted();
    this.#closeWhenDrained();
  }

  /** A frame of the load was answered. */
  completed(nowUs: number): void {
    this.#completedAny = true;
    this.#writer.completed(nowUs);
  }

  heartbeatAnswered(sentUs: number, nowUs: number): void {
    this.#completedAny = true;
    this.#heartbeat?.answered(sentUs, nowUs);
  }

  expired(timer: TimerKind, nowUs: number): void {
    if (this.#state === 'closing') return;
    if (timer === 'read') this.#readExpired(nowUs);
    else if (timer === 'write') this.#close('write-timeout');
    else if (timer === 'beat') this.#beatExpired(nowUs);
    else if (this.#state === 'open') this.#openExpired(timer);
  }

  /** The plan is over: no new frames; closes as soon as nothing is owed any more, as one that is retired does. */
  drain(why: 'lifetime' | 'plan' = 'plan', untilUs: number = Infinity): void {
    if (this.#state === 'open') {
      this.#writer.endAt(untilUs);
      this.#pump(this.#context.engine.nowUs());
      if (this.#state === 'open') this.#retire(why);
    } else if (this.#state !== 'draining') {
      this.finish();
    }
  }

  /**
   * Sends what is due at `nowUs`, and looks anew when the next frame is: the plan's rate may have changed.
   * @param untilUs frames that are due from then on are not this connection's. @default Infinity
   */
  pump(nowUs: number, untilUs: number = Infinity): void {
    if (this.#state !== 'open') return;
    this.#writer.endAt(untilUs);
    this.#pump(nowUs);
  }

  /** The drain is over too: closes whatever is still owed. */
  finish(): void {
    if (!canTake(this.#state, 'close')) return;
    if (this.#state === 'dialing') this.#abandonDial('abandoned');
    else this.#close('closed-by-plan');
  }

  /** The engine's last word. */
  closed(nowUs: number, failure: Failure | null, facts: ClosingFacts): void {
    noteSyns(this.#context, facts.synRetransmits);
    if (this.#phase === 'dial') return this.#endDial(nowUs, this.#dialCause ?? 'other', failure);
    const { meter } = this.#context;
    const outcome = this.#cause ?? this.#classify(failure, facts);
    this.#writer.stop('ended');
    meter.counters[COUNTER[`session:${outcome}`]]!++;
    meter.connectionEnded();
    meter.counters[COUNTER[owedCounter(outcome)]]! += this.inFlight.loadSize;
    const lastLifeUs = this.#context.slotTimes[this.#slot * SLOT_TIMES + LAST_LIFE] as number;
    noteCutFrame(this.#context, { outcome, facts, cut: this.#writer.cut(facts) });
    noteCutReply(this.#context, { outcome, bytesReceived: this.#reader?.frameBytesSoFar ?? 0 });
    noteDiscovery(this.#context, { outcome, facts, nowUs, lastLifeUs, heard: this.#heard });
    if (outcome !== 'closed-by-plan')
      noteError(this.#context, { phase: this.#phase, outcome, failure, nowUs });
    this.#end({ phase: 'session', outcome, answered: this.#heard || outcome === 'closed-by-plan' });
  }

  #midFrame(): boolean {
    return this.#reader !== null;
  }

  #reading(): boolean {
    return this.#state === 'open' || this.#state === 'draining';
  }

  #classify(failure: Failure | null, { bytesUnacked }: ClosingFacts): SessionOutcome {
    if (this.#phase === 'tls') return 'tls-failed';
    if (failure === null) return 'local-error';
    const { keepAlive, userTimeoutMs } = this.#context.plan.socket;
    return classifySession(failure, {
      midFrame: this.#midFrame(),
      // A frame can be acknowledged and its reply owed. Where that cannot be seen, only a reply proves it.
      idle: bytesUnacked === null ? this.inFlight.size === 0 && !this.#writer.stalled : bytesUnacked === 0,
      keepAlive: keepAlive !== null,
      userTimeout: userTimeoutMs !== null,
    });
  }

  /** The connection is up: exchange prefaces, then frames. */
  #greet(nowUs: number): void {
    const { engine, plan } = this.#context;
    const { send, expect, timeoutUs } = plan.preface;
    this.#startPhase(nowUs);
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

  #readPreface(chunk: Readonly<Chunk>, nowUs: number): void {
    const preface = present(this.#preface, 'expected preface');
    const result = preface.read(chunk.bytes, chunk.start, chunk.end);
    if (result === 'wanting') return;
    if (result === 'different') return this.#close('bad-preface');
    this.#context.meter.recorder('preface').record(nowUs - this.#phaseStartedUs());
    this.#context.engine.clearDeadline(this.#slot, 'read');
    this.#preface = null;
    this.#open(nowUs);
    this.#readFrames({ ...chunk, start: preface.end }, nowUs);
  }

  #open(nowUs: number): void {
    this.#step('open');
    this.#phase = 'open';
    this.#writer.start(frameSchedule(this.#context, this.#slot, this.connection, nowUs), nowUs);
    const ageUs = plannedAgeUs(this.#context.plan, { connection: this.connection, number: this.#life });
    if (ageUs !== null) this.#context.engine.setDeadline(this.#slot, 'life', nowUs + ageUs);
    this.#heartbeat?.start(nowUs);
    this.#pump(this.#context.engine.nowUs());
  }

  #readFrames(chunk: Readonly<Chunk>, nowUs: number): void {
    const { start, end } = chunk;
    if (start === end) return;
    this.#completedAny = false;
    const { readers, engine, owedReplies } = this.#context;
    const at = owedReplies === null || this.#reader !== null ? start : owedReplies.take(this, chunk, nowUs);
    if (at < end) {
      const reader = this.#reader ?? readers.take(this.#context, this);
      const result = reader.read(chunk.bytes, at, end, nowUs);
      this.#reader = readers.settle(reader, result);
      if (result !== 'ok') return this.#close(result === 'oversize' ? 'oversize-frame' : 'malformed-frame');
    }
    if (!this.#completedAny) return;
    if (this.#state === 'open') this.#pump(end - start > FRESH_BYTES_MAX ? engine.nowUs() : nowUs);
    else this.#closeWhenDrained();
  }

  /** Sends what is due at `nowUs`, which is a fresh reading: frames carry it as the time of their write. */
  #pump(nowUs: number): void {
    this.#writer.pump(nowUs);
    this.#watchReply(nowUs);
    this.#retireWhenExhausted();
  }

  /** A lifetime that is over while the plan already drains ends nothing: replies are still awaited. */
  #openExpired(timer: 'pace' | 'life'): void {
    if (timer === 'life') return this.drain('lifetime');
    this.#writer.paceExpired();
    this.#pump(this.#context.engine.nowUs());
  }

  /** A connection that sends nothing more asks nothing more, but what it had asked keeps its deadline. */
  #beatExpired(nowUs: number): void {
    if (!this.#reading()) return;
    if (this.#heartbeat?.expired(nowUs, this.#state === 'open') === true) this.#close('heartbeat-missed');
  }

  #retireWhenExhausted(): void {
    if (this.#state === 'open' && this.#writer.exhausted) this.#retire('lifetime');
  }

  /** This connection sends nothing more and closes when nothing is owed to it. */
  #retire(why: 'lifetime' | 'plan'): void {
    this.#writer.stop(why === 'lifetime' ? 'ended' : this.#writer.heldBy);
    this.#step('drain');
    this.#phase = 'drain';
    if (this.#context.plan.close === 'half') this.#context.engine.halfClose(this.#slot);
    this.#closeWhenDrained();
  }

  /**
   * Keeps one deadline for the reply that is owed longest. It is not moved with every frame: when it passes, the
   * frame that is then the oldest decides whether it was meant.
   */
  #watchReply(nowUs: number): void {
    if (this.#readDeadlineSet || this.inFlight.size === 0) return;
    this.#readDeadlineSet = true;
    this.#context.engine.setDeadline(this.#slot, 'read', nowUs + this.#context.plan.timeouts.readUs);
  }

  #readExpired(nowUs: number): void {
    if (this.#state === 'dialing') return this.#abandonDial('timedOut');
    if (this.#state === 'securing') return this.#close('tls-failed');
    if (this.#state === 'preface') return this.#close('preface-timeout');
    this.#readDeadlineSet = false;
    if (!this.#replyOwed()) return;
    const { oldest } = this.inFlight;
    // A heartbeat has a deadline of its own.
    const fromUs = oldest === this.inFlight.heartbeat ? nowUs : this.inFlight.sentUs(oldest);
    const dueUs = fromUs + this.#context.plan.timeouts.readUs;
    if (dueUs <= nowUs) return this.#close(this.#midFrame() ? 'read-timeout-mid-frame' : 'read-timeout');
    this.#readDeadlineSet = true;
    this.#context.engine.setDeadline(this.#slot, 'read', dueUs);
  }

  /**
   * A frame that the kernel has not wholly taken cannot be answered: as long as the oldest frame is part of a stalled
   * send (all of a send's frames have its time), the write deadline runs in place of the read deadline.
   */
  #replyOwed(): boolean {
    const inFlight = this.inFlight;
    if (inFlight.size === 0) return false;
    return !this.#writer.stalled || inFlight.sentUs(inFlight.oldest) < inFlight.sentUs(inFlight.next - 1);
  }

  #closeWhenDrained(): void {
    if (this.#state !== 'draining' || this.inFlight.size > 0 || this.#writer.stalled) return;
    this.#cause ??= 'closed-by-plan';
    this.#step('close');
    const { engine, plan } = this.#context;
    if (plan.close === 'reset' || plan.socket.lingerSeconds === 0) engine.reset(this.#slot);
    else engine.close(this.#slot);
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
    if (outcome !== 'abandoned') noteError(this.#context, { phase: this.#phase, outcome, failure, nowUs });
    if (outcome === 'localLimit') {
      this.#context.arrivals?.hold(this.#slot, 'generator');
      this.#context.localLimitReached();
    }
    this.#context.dialEnded(this.#slot);
    this.#end({ phase: 'dial', outcome });
  }

  #end(end: SessionEnd): void {
    this.#step('gone');
    this.#context.sessionEnded(this.#slot, end);
  }

  get #address(): TargetAddress {
    const { addresses } = this.#context.plan;
    return present(addresses[this.connection % addresses.length], 'target address');
  }

  #phaseStartedUs(): number {
    return this.#context.slotTimes[this.#slot * SLOT_TIMES + PHASE_START] as number;
  }

  #startPhase(atUs: number): void {
    this.#context.slotTimes[this.#slot * SLOT_TIMES + PHASE_START] = atUs;
  }

  #noteLife(nowUs: number): void {
    this.#context.slotTimes[this.#slot * SLOT_TIMES + LAST_LIFE] = nowUs;
  }

  #step(step: SessionStep): void {
    this.#state = nextState(this.#state, step);
  }
}

/** A chunk of at most so many bytes is read within a microsecond: what follows needs no new time. */
const FRESH_BYTES_MAX = 512;
