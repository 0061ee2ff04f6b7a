import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { assert } from '../../base/assert.ts';
import type { FrameFormat } from '../../framing/frame-format.ts';
import {
  CorruptStage,
  DropStage,
  DuplicateStage,
  EmptyStage,
  MidFrameStage,
  OversizeStage,
} from './content-stages.ts';
import { DelayStage, drawnDelay, growingDelay, limitedCapacity, type DueRule } from './delay-stage.ts';
import type { FaultBook } from './fault-book.ts';
import type { Fault, FaultName, FaultOf } from './fault.ts';
import { CoalesceStage, DribbleStage, PushStage, ReorderStage } from './order-stages.ts';
import { RESET_PAUSE_MS } from './limits.ts';
import type { StageMaker } from './reply.ts';
import type { Scheduler } from './scheduler.ts';
import { FrameShare } from './share-rule.ts';

/** What all faults of one target have in common. */
export interface FaultBench {
  clock: Clock;
  scheduler: Scheduler;
  random: Random;
  format: FrameFormat;
  /** When the target started. */
  startUs: () => number;
}

/**
 * Faults of replies in the order in which a reply meets them, the last one next to the socket. What waits comes before
 * what changes content, so that a reply is changed when it leaves; pushed frames join behind what holds replies back,
 * and before the stage that cuts everything into bytes.
 */
const REPLY_ORDER = [
  'capacity',
  'delay',
  'delay-grows',
  'never-reply',
  'zero-length',
  'oversize-length',
  'corrupt',
  'duplicate',
  'reorder',
  'fin-mid-frame',
  'reset-mid-frame',
  'coalesce',
  'push',
  'dribble',
] as const satisfies readonly FaultName[];

type ReplyFaultName = (typeof REPLY_ORDER)[number];

/** The position of a fault among the stages; null where it does not concern replies. */
export function replyPosition(name: FaultName): number | null {
  const position = (REPLY_ORDER as readonly FaultName[]).indexOf(name);
  return position < 0 ? null : position;
}

/** What makes the stage of `fault` for each of its connections; what connections share is made once, here. */
export function stageMaker(fault: Fault, book: FaultBook, bench: FaultBench): StageMaker {
  assert(replyPosition(fault.name) !== null, 'a stage is of a fault of replies');
  // Each maker takes the fault of its own name, which the compiler cannot see through the index.
  const make = MAKERS[fault.name as ReplyFaultName] as Maker<ReplyFaultName>;
  return make(fault as FaultOf<ReplyFaultName>, book, bench);
}

type Maker<Name extends ReplyFaultName> = (
  fault: FaultOf<Name>,
  book: FaultBook,
  bench: FaultBench,
) => StageMaker;

const MAKERS: { readonly [Name in ReplyFaultName]: Maker<Name> } = {
  capacity: ({ perSecond }, book, bench) => delayMaker(limitedCapacity(perSecond), book, bench),
  delay: ({ rule }, book, bench) => delayMaker(drawnDelay(rule, bench.random), book, bench),
  'delay-grows': ({ growth }, book, bench) => delayMaker(growingDelay(growth, bench.startUs), book, bench),
  'never-reply': (_, book) => (next) => new DropStage(next, book),
  'zero-length': ({ frameShare }, book, { random, format }) => {
    const share = new FrameShare(frameShare, random);
    return (next) => new EmptyStage(next, format, { share, book });
  },
  'oversize-length': ({ frames }, book, { format }) => {
    assert(format.kind === 'length', 'an announced length has a field');
    return (next) => new OversizeStage(next, format, { frames, book });
  },
  corrupt: ({ frameShare }, book, { random, format }) => {
    const share = new FrameShare(frameShare, random);
    return (next) => new CorruptStage(next, format, { share, book });
  },
  duplicate: ({ frameShare }, book, { random }) => {
    const share = new FrameShare(frameShare, random);
    return (next) => new DuplicateStage(next, { share, book });
  },
  reorder: (_, book, { clock, scheduler }) => {
    return (next) => new ReorderStage(next, { clock, scheduler, book });
  },
  'fin-mid-frame': ({ frames }, book) => {
    return (next) => new MidFrameStage(next, frames, { how: 'fin', book });
  },
  'reset-mid-frame': ({ frames }, book) => {
    return (next) => new MidFrameStage(next, frames, { how: 'reset', book, pauseMs: RESET_PAUSE_MS });
  },
  coalesce: ({ frames }, book, { clock, scheduler }) => {
    return (next) => new CoalesceStage(next, { frames, timed: { clock, scheduler, book } });
  },
  push: ({ perSecond, stamp }, book, { clock, scheduler, format }) => {
    return (next, link) =>
      new PushStage(next, link, { format, perSecond, stamp, timed: { clock, scheduler, book } });
  },
  dribble: ({ intervalUs }, book, { clock, scheduler }) => {
    return (next, link) => new DribbleStage(next, link, { intervalUs, timed: { clock, scheduler, book } });
  },
};

function delayMaker(due: DueRule, book: FaultBook, { clock, scheduler }: FaultBench): StageMaker {
  return (next, link) => new DelayStage(next, link, { due, clock, scheduler, book });
}
