import { createDecoder } from '../framing/decoder.ts';
import type { FrameDecoder } from '../framing/decoder.ts';
import { COUNTER } from '../measure/counters.ts';
import type { InFlight } from './in-flight.ts';
import type { Meter } from '../measure/meter.ts';
import { PushCheck, type PushRules } from './push-check.ts';
import { NO_FRAME, ReplyCheck, type ReplyRules } from './reply-check.ts';
import type { ReplyTimes } from './reply-times.ts';
import { listens, type SessionPlan } from './session-plan.ts';

/** How far the bytes of a chunk could be followed. */
export type ReadResult = 'ok' | 'oversize' | 'malformed';

/** What a reader uses of its shard. */
export interface ReaderContext {
  plan: SessionPlan;
  meter: Meter;
  replyTimes: ReplyTimes;
  replyRules: ReplyRules;
  /** Null where pushed frames carry no stamp. */
  pushRules: PushRules | null;
  measureFromUs: number;
}

/** The connection that a reader reads for, and who is told of answers, with the time at which they came. */
export interface ReaderClient {
  readonly connection: number;
  readonly inFlight: InFlight;
  completed(nowUs: number): void;
  heartbeatAnswered(sentUs: number, nowUs: number): void;
}

/**
 * The read side of a connection: bytes in, replies judged, counted and timed. Between two frames it holds nothing of
 * its connection, so one reader serves all that are not in the middle of a frame (reader-pool.ts): that keeps what is
 * touched per frame small enough to stay in the processor's cache.
 */
export class FrameReader {
  readonly #context: ReaderContext;
  readonly #decoder: FrameDecoder;
  readonly #check: ReplyCheck;
  #client: ReaderClient;
  readonly #listens: boolean;
  readonly #pushCheck: PushCheck | null;

  constructor(context: ReaderContext, client: ReaderClient) {
    this.#context = context;
    this.#listens = listens(context.plan.load);
    this.#pushCheck = context.pushRules === null ? null : new PushCheck(context.pushRules);
    this.#client = client;
    this.#decoder = createDecoder(context.plan.frame.format, context.plan.frame.maxBytes);
    this.#check = new ReplyCheck(context.replyRules, client.inFlight, client.connection);
  }

  /** Turns to another connection; only between two frames. */
  bind(client: ReaderClient): void {
    this.#client = client;
    this.#check.bind(client.inFlight, client.connection);
  }

  /** True inside a frame: an end of the stream here cuts it. */
  get midFrame(): boolean {
    return this.#decoder.midFrame;
  }

  /** Bytes of the frame under way that have come, header included; 0 between two frames. */
  get frameBytesSoFar(): number {
    return this.#decoder.frameBytesSoFar;
  }

  /** Reads `bytes[start, end)`, which arrived at `nowUs`. */
  read(bytes: Uint8Array, start: number, end: number, nowUs: number): ReadResult {
    const decoder = this.#decoder;
    decoder.feed(bytes, start, end);
    for (;;) {
      const result = decoder.next();
      if (result === 'starved') return 'ok';
      if (result !== 'piece') return result;
      this.#check.piece(decoder.bytes, decoder.start, decoder.end, decoder.offset);
      this.#pushCheck?.piece(decoder.bytes, decoder.start, decoder.end, decoder.offset);
      if (!decoder.last) continue;
      if (this.#finish(decoder.offset + decoder.end - decoder.start, nowUs)) this.#client.completed(nowUs);
    }
  }

  #finish(payloadBytes: number, nowUs: number): boolean {
    const counters = this.#context.meter.counters;
    const kind = this.#check.finish(payloadBytes);
    const { sequence } = this.#check;
    if (sequence !== NO_FRAME && sequence === this.#client.inFlight.heartbeat)
      return this.#heartbeat(sequence, nowUs);
    counters[COUNTER.framesReceived]!++;
    switch (kind) {
      case 'matched':
        this.#context.replyTimes.matched(this.#client.inFlight, sequence, nowUs);
        break;
      case 'reordered':
        counters[COUNTER.framesReordered]!++;
        this.#context.replyTimes.matched(this.#client.inFlight, sequence, nowUs);
        break;
      case 'corrupt':
        counters[COUNTER.framesCorrupt]!++;
        break;
      case 'duplicate':
        counters[COUNTER.framesDuplicate]!++;
        break;
      case 'unsolicited':
        if (this.#listens) this.#push(nowUs);
        else counters[COUNTER.framesUnsolicited]!++;
        break;
      case 'one-way':
        if (this.#listens) this.#push(nowUs);
        else counters[COUNTER.framesReceivedOneWay]!++;
        break;
      default:
        kind satisfies never;
    }
    if (sequence === NO_FRAME) return false;
    this.#client.inFlight.complete(sequence);
    return true;
  }

  /** A frame came unasked to a connection that only listens: counted, and timed from the one before it. */
  #push(nowUs: number): void {
    const { meter, measureFromUs } = this.#context;
    const { inFlight } = this.#client;
    meter.counters[COUNTER.framesPushed]!++;
    if (inFlight.lastPushUs > 0 && nowUs >= measureFromUs) {
      meter.recorder('pushGap').record(nowUs - inFlight.lastPushUs);
    }
    inFlight.lastPushUs = nowUs;
    if (this.#pushCheck !== null) this.#timePush(this.#pushCheck, nowUs);
  }

  /** From the target's stamp to the arrival; a stamp from the time to come is a push without any latency. */
  #timePush(check: PushCheck, nowUs: number): void {
    const { meter, measureFromUs } = this.#context;
    if (!check.found) {
      meter.counters[COUNTER.framesPushUnstamped]!++;
      return;
    }
    const ageUs = check.ageUs(nowUs);
    if (ageUs < 0) meter.counters[COUNTER.framesPushAhead]!++;
    if (nowUs >= measureFromUs) meter.recorder('pushLatency').record(ageUs);
  }

  /** Any answer to a heartbeat is a sign of life, whatever it holds. */
  #heartbeat(sequence: number, nowUs: number): false {
    const sentUs = this.#client.inFlight.sentUs(sequence);
    this.#client.inFlight.complete(sequence);
    this.#client.heartbeatAnswered(sentUs, nowUs);
    return false;
  }
}
