import type { TargetCounters } from '../target-counters.ts';
import { FrameCutter } from './frame-cutter.ts';
import type { Reply, ReplySink } from './reply.ts';
import type { FaultedPlan } from './fault-needs.ts';

/** From received bytes to replies: cuts frames, counts them and hands them to the first stage. */
export class ReplyPath {
  readonly #cutter: FrameCutter;
  readonly #counters: TargetCounters;
  readonly #first: ReplySink;
  readonly #take: (frame: Reply) => void;

  constructor(plan: FaultedPlan, counters: TargetCounters, first: ReplySink) {
    this.#cutter = new FrameCutter(plan.format, plan.maxPayloadBytes);
    this.#counters = counters;
    this.#first = first;
    const answers = plan.mode === 'echo';
    this.#take = (frame) => {
      this.#counters.frames.received += frame.frames;
      if (answers) this.#first.reply(frame);
    };
  }

  /** Answers the frames that end in `chunk`; false when the stream cannot be followed any further. */
  received(chunk: Buffer): boolean {
    const result = this.#cutter.cut(chunk, this.#take);
    if (result === 'ok') return true;
    this.#counters.frames[result]++;
    return false;
  }

  /** The client has ended its side: the replies that are owed leave, then FIN. */
  end(): void {
    this.#first.end({ how: 'fin', book: null });
  }

  /** The connection is gone. */
  close(): void {
    this.#first.close();
  }
}
