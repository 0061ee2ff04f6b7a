import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { COUNTER, type UnsentCause } from '../measure/counters.ts';
import type { ClosingFacts } from '../engine/engine.ts';
import { cutFrame, type CutSend } from './cut-frame.ts';
import type { FrameSchedule } from '../schedule/frame-schedule.ts';
import type { InFlight } from './in-flight.ts';
import type { SessionContext } from './session-context.ts';
import { FREE_SINCE, PACED_TO, SENDING_END, SLOT_TIMES, STALLED_SINCE } from './slot-times.ts';

/**
 * The write side of one connection: the only place that sends on it, one whole frame after the other, so frames are
 * never interleaved. It is `clear` (what was sent is with the kernel) or `stalled` (a part waits in the engine), and
 * sends nothing while it is stalled.
 */
export class FrameWriter {
  readonly #context: SessionContext;
  readonly #slot: number;
  readonly #connection: number;
  readonly #inFlight: InFlight;
  /** The connection's own begin at `timesAt`: FREE_SINCE and its neighbours. */
  readonly #times: Float64Array;
  readonly #timesAt: number;
  #schedule: FrameSchedule | null = null;
  #random: Random | null = null;
  /** Size drawn for the next frame, kept when that frame has to wait; NO_SIZE before it is drawn. */
  #nextBytes: number = NO_SIZE;
  #oneWayUnderway: number = 0;
  /** Of these: intended start within the warm-up; they stand in front of the others. */
  #oneWayInWarmup: number = 0;
  /** Where the frames of the stalled send end within it; made at the first stall. */
  #stalledEnds: number[] = NO_ENDS;
  /** Low 32 bits of the next frame's number on this connection. */
  #sequence: number = 0;
  /** Frames of the connection's lifetime that are still to be sent; ENDLESS where it is not counted in frames. */
  #framesLeft: number;

  constructor(context: SessionContext, slot: number, connection: number, inFlight: InFlight) {
    this.#context = context;
    this.#slot = slot;
    this.#connection = connection;
    this.#inFlight = inFlight;
    this.#times = context.slotTimes;
    this.#timesAt = slot * SLOT_TIMES;
    this.#times[this.#timesAt + FREE_SINCE] = 0;
    this.#times[this.#timesAt + STALLED_SINCE] = CLEAR;
    this.#times[this.#timesAt + SENDING_END] = context.sendingEndUs;
    this.paceExpired();
    const { lifetime } = context.plan;
    this.#framesLeft = lifetime?.kind === 'frames' ? lifetime.count : ENDLESS;
  }

  get stalled(): boolean {
    return this.#times[this.#timesAt + STALLED_SINCE] !== CLEAR;
  }

  /** Whether the connection has sent all the frames of its lifetime. */
  get exhausted(): boolean {
    return this.#framesLeft === 0;
  }

  /**
   * Sends one frame beside the schedule, with `payload` as it is, or the ordinary payload where that is null. False:
   * a stall is in the way, and nothing was sent.
   */
  sendHeartbeat(payload: Uint8Array | null): boolean {
    if (this.stalled) return false;
    const { engine, meter, frameEnds } = this.#context;
    const nowUs = engine.nowUs();
    const payloadBytes = payload?.length ?? this.#drawBytes();
    const start = engine.outboxStart;
    const end =
      payload === null ? this.#placeFirst(start, payloadBytes, nowUs) : this.#placeBytes(start, payload);
    frameEnds.count = 0;
    this.#inFlight.heartbeat = this.#inFlight.next;
    this.#inFlight.push(nowUs, nowUs, payloadBytes);
    meter.counters[COUNTER.heartbeatsSent]!++;
    this.#sent(engine.send(this.#slot, start, end), end - start, nowUs);
    return true;
  }

  #freeSinceUs(): number {
    return this.#times[this.#timesAt + FREE_SINCE] as number;
  }

  /** Sends the preface's bytes. */
  sendPreface(bytes: Uint8Array): void {
    const { engine, frameEnds, placed } = this.#context;
    const start = engine.outboxStart;
    placed.forget(start);
    engine.outbox.set(bytes, start);
    frameEnds.count = 0;
    this.#sent(engine.send(this.#slot, start, start + bytes.length), bytes.length, engine.nowUs());
  }

  /** From now on `pump` sends frames as the schedule says; what waited for the connection until then is not our delay. */
  start(schedule: FrameSchedule, nowUs: number): void {
    this.#schedule = schedule;
    this.#times[this.#timesAt + FREE_SINCE] = nowUs;
  }

  /** A frame is answered at `nowUs`: its place in the window is free. */
  completed(nowUs: number): void {
    if (this.#inFlight.loadSize === this.#context.inFlightMax - 1)
      this.#times[this.#timesAt + FREE_SINCE] = nowUs;
    this.#schedule?.completed(nowUs);
  }

  /**
   * Sends every frame that is due, as many at a time as the outbox holds, and sets the deadline for the next. One
   * call sends one outbox at most, so that a connection that never stalls does not starve the others.
   * @param nowUs the time of the writes: read just before, because a reading costs as much as the smaller half of a frame
   */
  pump(nowUs: number): void {
    if (nowUs >= this.#context.planEdgeUs) this.#context.followPlan(nowUs);
    const schedule = this.#schedule;
    if (schedule === null || this.stalled || this.#context.held) return;
    const { engine, inFlightMax } = this.#context;
    if (this.#isDue(schedule, nowUs)) this.#sendDue(schedule, nowUs);
    const { nextUs } = schedule;
    if (this.stalled || nextUs === Infinity || this.#inFlight.loadSize >= inFlightMax) return;
    const paceUs = this.#paceUs(nextUs);
    const at = this.#timesAt + PACED_TO;
    // Most replies of the open model change nothing of when the next frame is due.
    if (this.#times[at] === paceUs) return;
    this.#times[at] = paceUs;
    engine.setDeadline(this.#slot, 'pace', paceUs);
  }

  /** The deadline of the next frame has passed: there is none now. */
  paceExpired(): void {
    this.#times[this.#timesAt + PACED_TO] = 0;
  }

  /** The send of one frame, of `bytes`, that had been put off has stalled; what was sent behind it stalled at once. */
  stalledSince(nowUs: number, bytes: number): void {
    if (this.stalled) this.#stalledEnds = [bytes, ...this.#stalledEnds.map((end) => bytes + end)];
    else this.#stall(nowUs, [bytes]);
  }

  /** What was stalled is with the kernel. */
  drained(nowUs: number): void {
    const { engine, meter } = this.#context;
    meter.recorder('writeStall').record(nowUs - (this.#times[this.#timesAt + STALLED_SINCE] as number));
    this.#times[this.#timesAt + STALLED_SINCE] = CLEAR;
    this.#times[this.#timesAt + FREE_SINCE] = nowUs;
    engine.clearDeadline(this.#slot, 'write');
    this.#finishOneWay(nowUs);
    this.pump(engine.nowUs());
  }

  /** Where in its frames the send was cut that the connection's end found under way; null where none was. */
  cut({ bytesAccepted, bytesUnsent, exact }: ClosingFacts): CutSend | null {
    if (bytesUnsent === 0) return null;
    const cut: CutSend = exact
      ? cutFrame(this.#stalledEnds, bytesAccepted, bytesUnsent)
      : { bytesAccepted, bytesUnsent, framesNotBegun: 0, bytesNotBegun: 0 };
    this.#bookWarmup(this.#oneWayUnderway - cut.framesNotBegun);
    return cut;
  }

  /** What holds back the frames that are due now: the target, or a loop that is late. */
  get heldBy(): UnsentCause {
    const full = this.#inFlight.loadSize >= this.#context.inFlightMax;
    return this.stalled || full ? 'backpressure' : 'generator';
  }

  /** Frames that are due from `atUs` on are not this connection's. */
  endAt(atUs: number): void {
    const at = this.#timesAt + SENDING_END;
    this.#times[at] = Math.min(this.#times[at] as number, atUs);
  }

  /** Sends nothing more, for this cause; the first one stands. */
  stop(cause: UnsentCause): void {
    if (this.#schedule === null) return;
    this.#schedule = null;
    this.#context.arrivals?.hold(this.#slot, cause);
  }

  /** When to look again for frames that are due: together with those of other connections, where the plan says so. */
  #paceUs(nextUs: number): number {
    const gridUs = this.#context.plan.paceGridUs ?? 0;
    return gridUs === 0 ? nextUs : Math.ceil(nextUs / gridUs) * gridUs;
  }

  /** A frame whose intended start lies at or behind the plan's end is not part of it, however late the loop is. */
  #isDue(schedule: FrameSchedule, nowUs: number): boolean {
    const { nextUs } = schedule;
    return (
      nextUs <= nowUs &&
      nextUs < (this.#times[this.#timesAt + SENDING_END] as number) &&
      this.#framesLeft !== 0 &&
      this.#inFlight.loadSize < this.#context.inFlightMax
    );
  }

  #sendDue(schedule: FrameSchedule, nowUs: number): void {
    const { engine, encoder, frameEnds, isOneWay } = this.#context;
    const start = engine.outboxStart;
    const limit = start + engine.outboxBytes;
    let end = start;
    frameEnds.count = 0;
    do {
      const payloadBytes = this.#drawBytes();
      if (end + encoder.frameBytes(payloadBytes) > limit) break;
      const at = end;
      end =
        at === start
          ? this.#placeFirst(at, payloadBytes, nowUs)
          : this.#place(at, payloadBytes, nowUs, false);
      this.#note(payloadBytes, schedule.nextUs, nowUs);
      frameEnds.ends[frameEnds.count++] = end - start;
      schedule.advance();
    } while (this.#isDue(schedule, nowUs));
    assert(end > start, 'the largest frame fits into the outbox');
    // One frame of which a stall that is told later says all; without a reply it is done once the kernel has it.
    const together = frameEnds.count === 1 && !isOneWay;
    const taken = together
      ? engine.sendTogether(this.#slot, start, end)
      : engine.send(this.#slot, start, end);
    this.#sent(taken, end - start, nowUs);
    if (taken) this.#finishOneWay(nowUs);
  }

  /** A frame of the load lies in the outbox. */
  #note(payloadBytes: number, intendedUs: number, nowUs: number): void {
    const { isOneWay, meter, sendLag, unmeasured, measureFromUs } = this.#context;
    const { counters } = meter;
    if (this.#framesLeft > 0) this.#framesLeft--;
    counters[COUNTER.framesSent]!++;
    const recorder = intendedUs >= measureFromUs ? sendLag : unmeasured;
    recorder.record(Math.round(nowUs - Math.max(intendedUs, this.#freeSinceUs())));
    if (isOneWay) {
      counters[COUNTER.framesOneWay]!++;
      this.#oneWayUnderway++;
      if (intendedUs < this.#context.measureFromUs) this.#oneWayInWarmup++;
    } else {
      this.#inFlight.push(intendedUs, nowUs, payloadBytes);
    }
    this.#nextBytes = NO_SIZE;
  }

  /** As `#place`, of the first frame of a send: its content may lie there from an earlier one. */
  #placeFirst(at: number, payloadBytes: number, nowUs: number): number {
    const { engine, payload, placed } = this.#context;
    const { outbox } = engine;
    if (placed.holds(outbox, at, payload, payloadBytes)) return this.#place(at, payloadBytes, nowUs, true);
    placed.note(outbox, at, payload, payloadBytes);
    return this.#place(at, payloadBytes, nowUs, false);
  }

  /**
   * Writes a whole frame into the outbox at `at`; answers where it ends.
   * @param inPlace whether a frame of this payload and size lies there
   */
  #place(at: number, payloadBytes: number, nowUs: number, inPlace: boolean): number {
    const { encoder, engine, payload, plan, scratchStamp } = this.#context;
    const payloadAt = at + encoder.payloadStart(payloadBytes);
    scratchStamp.connection = plan.firstConnection + this.#connection;
    scratchStamp.sequence = this.#sequence;
    scratchStamp.timeUs = nowUs;
    this.#sequence = (this.#sequence + 1) >>> 0;
    if (inPlace) {
      payload.restamp(engine.outbox, payloadAt, scratchStamp);
      return at + encoder.frameBytes(payloadBytes);
    }
    payload.write(engine.outbox, payloadAt, payloadBytes, scratchStamp);
    return encoder.encodeAround(engine.outbox, at, payloadBytes);
  }

  /** A frame of the user's own bytes; it counts as one of the connection's, so that stamps keep their numbers. */
  #placeBytes(at: number, payload: Uint8Array): number {
    const { encoder, engine, placed } = this.#context;
    this.#sequence = (this.#sequence + 1) >>> 0;
    placed.forget(at);
    engine.outbox.set(payload, at + encoder.payloadStart(payload.length));
    return encoder.encodeAround(engine.outbox, at, payload.length);
  }

  /** What became of a send of `bytes`, in the frames of which `frameEnds` tells. */
  #sent(taken: boolean, bytes: number, nowUs: number): void {
    const { meter, frameEnds } = this.#context;
    meter.counters[COUNTER.bytesSent]! += bytes;
    if (!taken) this.#stall(nowUs, frameEnds.ends.slice(0, frameEnds.count));
  }

  #stall(nowUs: number, ends: number[]): void {
    const { engine, meter, plan } = this.#context;
    this.#times[this.#timesAt + STALLED_SINCE] = nowUs;
    this.#stalledEnds = ends;
    meter.counters[COUNTER.writeStalls]!++;
    engine.setDeadline(this.#slot, 'write', nowUs + plan.timeouts.writeUs);
  }

  /** Where no reply is expected, a frame is done when the kernel has it. */
  #finishOneWay(nowUs: number): void {
    this.#bookWarmup(this.#oneWayUnderway);
    for (; this.#oneWayUnderway > 0; this.#oneWayUnderway--) this.#schedule?.completed(nowUs);
  }

  /** Of the first `frames` that are under way, counts those of the warm-up. */
  #bookWarmup(frames: number): void {
    if (this.#oneWayInWarmup === 0) return;
    this.#context.meter.counters[COUNTER.framesOneWayInWarmup]! += Math.min(frames, this.#oneWayInWarmup);
    this.#oneWayInWarmup = 0;
  }

  /** Each connection draws from a stream of its own, so that its sizes do not depend on how the run is split. */
  #drawBytes(): number {
    if (this.#nextBytes === NO_SIZE) {
      const { seed, firstConnection } = this.#context.plan;
      this.#random ??= new Random(seed, firstConnection + this.#connection);
      this.#nextBytes = this.#context.payload.nextSize(this.#random);
    }
    return this.#nextBytes;
  }
}

const NO_SIZE = -1;
/** Frames left of a lifetime that is not counted in frames. */
const ENDLESS = -1;
const NO_ENDS: number[] = [];
const CLEAR = 0;
