import type { TargetCounters } from '../target-counters.ts';
import type { FaultBook } from './fault-book.ts';
import type { FaultedPlan } from './fault-needs.ts';
import type { LimitedReader } from './limited-reader.ts';
import type { ReplyLink, ReplySink, StageMaker } from './reply.ts';
import { ReplyPath } from './reply-path.ts';

/** What is wrong with one connection. */
export interface ConnectionFaults {
  /** Number of the connection in the order of accept, with TLS of finished handshakes, from 0. */
  readonly ordinal: number;
  /** Who asked to close it at once; null: nobody. */
  readonly closer: FaultBook | null;
  /** Reads for the connection; null: it is read like any other. */
  readonly reader: LimitedReader | null;
  /** What becomes of its replies, the stage nearest to the socket first; empty: they are echoed as they come. */
  readonly stages: readonly StageMaker[];
  /** What the kernel can be asked of it; null where the target does not know its descriptor, or it is closed. */
  kernel: ConnectionKernel | null;
}

/** A connection as the kernel has it. */
export interface ConnectionKernel {
  /** Bytes that it holds unread. */
  unreadBytes(): number;
  /** It takes in nothing more and acknowledges what it has. */
  seal(): void;
}

/** The way from received bytes to `wire` through the stages; null where replies are as they should be. */
export function openReplyPath(
  faults: ConnectionFaults,
  plan: FaultedPlan,
  counters: TargetCounters,
  ends: { wire: ReplySink; link: ReplyLink },
): ReplyPath | null {
  if (faults.stages.length === 0) return null;
  const first = faults.stages.reduce((next, make) => make(next, ends.link), ends.wire);
  return new ReplyPath(plan, counters, first);
}
