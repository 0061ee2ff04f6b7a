import type { Clock } from '../../base/clock.ts';
import { alphabetWithout } from '../../framing/alphabet.ts';
import type { FrameFormat } from '../../framing/frame-format.ts';
import { frameOf } from './content-stages.ts';
import type { FaultBook } from './fault-book.ts';
import {
  CATCH_UP_MS_MAX,
  COALESCE_HOLD_MS_MAX,
  HELD_REPLY_BYTES_MAX,
  REORDER_HOLD_MS_MAX,
} from './limits.ts';
import { nextStepUs } from './pace.ts';
import {
  HoldingStage,
  ReplyStage,
  type Ending,
  type Reply,
  type ReplyLink,
  type ReplySink,
} from './reply.ts';
import type { Scheduler } from './scheduler.ts';

/** What a stage needs that acts at a later time. */
export interface TimedFault {
  clock: Clock;
  scheduler: Scheduler;
  book: FaultBook;
}

/** Lets neighbouring replies change places. */
export class ReorderStage extends ReplyStage {
  readonly #timed: TimedFault;
  #held: Reply | null = null;

  constructor(next: ReplySink, timed: TimedFault) {
    super(next);
    this.#timed = timed;
  }

  override reply(reply: Reply): void {
    const held = this.#held;
    if (held === null) return this.#hold(reply);
    this.#held = null;
    this.#timed.book.add('framesReordered');
    this.next.reply(reply);
    this.next.reply(held);
  }

  override end(ending: Ending): void {
    this.#letGo();
    this.next.end(ending);
  }

  override close(): void {
    this.#held = null;
    this.next.close();
  }

  #hold(reply: Reply): void {
    this.#held = reply;
    const { clock, scheduler } = this.#timed;
    scheduler.at(clock.nowUs() + REORDER_HOLD_MS_MAX * 1000, () => {
      if (this.#held === reply) this.#letGo();
    });
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.next.reply(held);
  }
}

/**
 * Gathers replies and sends them in one write. Reading goes on meanwhile, or the number might never be reached; so that
 * nothing grows without end, they also leave once HELD_REPLY_BYTES_MAX are gathered, and so that none waits for ever
 * where too few are asked for, when COALESCE_HOLD_MS_MAX have passed since the latest.
 */
export class CoalesceStage extends ReplyStage {
  readonly #frames: number;
  readonly #timed: TimedFault;
  #gathered: Reply[] = [];
  #bytes: number = 0;
  /** When what is gathered leaves if nothing more comes. */
  #leaveUs: number = Infinity;
  #isAwaited: boolean = false;

  constructor(next: ReplySink, fault: { frames: number; timed: TimedFault }) {
    super(next);
    this.#frames = fault.frames;
    this.#timed = fault.timed;
  }

  override reply(reply: Reply): void {
    this.#gathered.push(reply);
    this.#bytes += reply.bytes.length;
    if (this.#gathered.length === this.#frames || this.#bytes > HELD_REPLY_BYTES_MAX) return this.#flush();
    this.#leaveUs = this.#timed.clock.nowUs() + COALESCE_HOLD_MS_MAX * 1000;
    if (!this.#isAwaited) this.#await();
  }

  override end(ending: Ending): void {
    this.#flush();
    this.next.end(ending);
  }

  override close(): void {
    this.#gathered = [];
    this.next.close();
  }

  /** One entry of the scheduler at a time, however many replies come before it is due. */
  #await(): void {
    this.#isAwaited = true;
    this.#timed.scheduler.at(this.#leaveUs, () => {
      this.#isAwaited = false;
      if (this.#gathered.length === 0) return;
      if (this.#timed.clock.nowUs() >= this.#leaveUs) this.#flush();
      else this.#await();
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    const frames = gathered.reduce((sum, reply) => sum + reply.frames, 0);
    this.#timed.book.add('framesCoalesced', frames);
    this.#timed.book.add('writes');
    const bytes = Buffer.concat(
      gathered.map((reply) => reply.bytes),
      this.#bytes,
    );
    this.#bytes = 0;
    this.next.reply({ bytes, payloadStart: 0, payloadBytes: 0, frames });
  }
}

/** Sends frames that nobody asked for, from the connection's first moment until its end. */
export class PushStage extends ReplyStage {
  readonly #timed: TimedFault;
  readonly #link: ReplyLink;
  readonly #frame: Reply;
  readonly #format: FrameFormat;
  readonly #stamp: boolean;
  readonly #stepUs: number;
  #dueUs: number;
  #active: boolean = true;

  constructor(next: ReplySink, link: ReplyLink, { format, perSecond, stamp, timed }: PushFault) {
    super(next);
    this.#timed = timed;
    this.#link = link;
    this.#format = format;
    this.#stamp = stamp;
    this.#frame = frameOf(format, pushedPayload(format));
    this.#stepUs = 1e6 / perSecond;
    this.#dueUs = timed.clock.nowUs() + this.#stepUs;
    timed.scheduler.at(this.#dueUs, () => this.#push());
  }

  override end(ending: Ending): void {
    this.#active = false;
    this.next.end(ending);
  }

  override close(): void {
    this.#active = false;
    this.next.close();
  }

  /** What a client did not take, or a freeze held up, is not made up for beyond CATCH_UP_MS_MAX. */
  #push(): void {
    if (!this.#active) return;
    const nowUs = this.#timed.clock.nowUs();
    this.#dueUs = Math.max(this.#dueUs, nowUs - CATCH_UP_MS_MAX * 1000);
    while (this.#dueUs <= nowUs && !this.#link.stalled) {
      this.#dueUs += this.#stepUs;
      this.#timed.book.add('framesPushed');
      this.next.reply(this.#stamp ? this.#stamped() : this.#frame);
    }
    this.#dueUs = Math.max(this.#dueUs, nowUs);
    this.#timed.scheduler.at(Math.max(this.#dueUs, nowUs + 1000), () => this.#push());
  }

  /** A frame of its own, since one that waits to be sent keeps its time. */
  #stamped(): Reply {
    const frame = frameOf(this.#format, pushedPayload(this.#format));
    const at = frame.payloadStart;
    frame.bytes.writeBigUInt64BE(BigInt(Math.floor(this.#timed.clock.nowUs())), at);
    return frame;
  }
}

/** What is pushed, and when. */
interface PushFault {
  format: FrameFormat;
  perSecond: number;
  /** Whether payloads begin with the time. */
  stamp: boolean;
  timed: TimedFault;
}

/** Sends one byte at a time. One that leaves late does not put off the next, see `nextStepUs`. */
export class DribbleStage extends HoldingStage<Reply> {
  readonly #timed: TimedFault;
  readonly #link: ReplyLink;
  readonly #intervalUs: number;
  /** Bytes of the oldest reply that have left. */
  #sentBytes: number = 0;
  /** When the next byte may leave. */
  #dueUs: number = -Infinity;

  constructor(next: ReplySink, link: ReplyLink, fault: { intervalUs: number; timed: TimedFault }) {
    super(next);
    this.#link = link;
    this.#timed = fault.timed;
    this.#intervalUs = fault.intervalUs;
  }

  override reply(reply: Reply): void {
    this.#link.hold(reply.bytes.length);
    this.queue.push(reply);
    if (this.queue.size > 1) return;
    // Nothing was there to be sent: that is no lateness.
    this.#dueUs = Math.max(this.#dueUs, this.#timed.clock.nowUs());
    this.#await();
  }

  #await(): void {
    this.#timed.scheduler.at(this.#dueUs, () => this.#sendByte());
  }

  #sendByte(): void {
    const reply = this.queue.peek();
    if (reply === undefined) return;
    const { bytes } = reply;
    const at = this.#sentBytes;
    const isLast = at === bytes.length - 1;
    this.#dueUs = nextStepUs(this.#dueUs, this.#timed.clock.nowUs(), this.#intervalUs);
    this.#sentBytes = isLast ? 0 : at + 1;
    if (isLast) this.queue.shift();
    this.#timed.book.add('bytesDribbled');
    this.#link.hold(-1);
    const frames = isLast ? reply.frames : 0;
    this.next.reply({ bytes: bytes.subarray(at, at + 1), payloadStart: 0, payloadBytes: 0, frames });
    if (this.queue.size > 0) this.#await();
    else this.endWhenEmpty();
  }
}

/** Short letters, or as many as a fixed size asks for; none is a byte of the delimiter. */
function pushedPayload(format: FrameFormat): Uint8Array {
  if (format.kind === 'fixed') return new Uint8Array(format.payloadBytes).fill(PUSHED_BYTE);
  if (format.kind === 'delimiter') return alphabetWithout(format.delimiter, PUSHED_BYTES);
  return new Uint8Array(PUSHED_BYTES).fill(PUSHED_BYTE);
}

/** Shorter than any stamp, so that no client takes it for a frame of its own. */
const PUSHED_BYTES = 8;
/** The letter u, for unsolicited. */
const PUSHED_BYTE = 0x75;
