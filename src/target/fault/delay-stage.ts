import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { FaultBook } from './fault-book.ts';
import type { DelayRule } from './fault.ts';
import { HoldingStage, type Reply, type ReplyLink, type ReplySink } from './reply.ts';
import type { Scheduler } from './scheduler.ts';

/** When a reply that is ready at `nowUs` may leave. */
export type DueRule = (nowUs: number) => number;

/** What a delay needs besides its place among the stages. */
export interface DelayOptions {
  due: DueRule;
  clock: Clock;
  scheduler: Scheduler;
  book: FaultBook;
}

/**
 * Holds replies until they are due. A reply never overtakes the one before it, so that only the oldest of a connection
 * waits on the scheduler, however many stand behind it.
 */
export class DelayStage extends HoldingStage<{ reply: Reply; readyUs: number; dueUs: number }> {
  readonly #options: DelayOptions;
  readonly #link: ReplyLink;
  #lastDueUs: number = -Infinity;

  constructor(next: ReplySink, link: ReplyLink, options: DelayOptions) {
    super(next);
    this.#link = link;
    this.#options = options;
  }

  override reply(reply: Reply): void {
    const nowUs = this.#options.clock.nowUs();
    const dueUs = Math.max(this.#options.due(nowUs), this.#lastDueUs);
    this.#lastDueUs = dueUs;
    if (this.queue.size === 0 && dueUs <= nowUs) return this.next.reply(reply);
    this.#link.hold(reply.bytes.length);
    this.queue.push({ reply, readyUs: nowUs, dueUs });
    if (this.queue.size === 1) this.#await(dueUs);
  }

  #await(dueUs: number): void {
    this.#options.scheduler.at(dueUs, () => this.#release());
  }

  #release(): void {
    const nowUs = this.#options.clock.nowUs();
    let head = this.queue.peek();
    for (; head !== undefined && head.dueUs <= nowUs; head = this.queue.peek()) {
      this.queue.shift();
      this.#options.book.delayed((nowUs - head.readyUs) / 1000);
      this.#link.hold(-head.reply.bytes.length);
      this.next.reply(head.reply);
    }
    if (head !== undefined) this.#await(head.dueUs);
    else this.endWhenEmpty();
  }
}

/** Delays by a fixed time, or one drawn for each reply. */
export function drawnDelay(rule: DelayRule, random: Random): DueRule {
  switch (rule.kind) {
    case 'fixed':
      return (nowUs) => nowUs + rule.us;
    case 'uniform':
      return (nowUs) => nowUs + rule.minUs + random.fraction() * (rule.maxUs - rule.minUs);
    case 'exponential':
      return (nowUs) => nowUs + rule.meanUs * random.exponential();
    default:
      throw rule satisfies never;
  }
}

/** Delays by `growth` times the time since `startUs`. */
export function growingDelay(growth: number, startUs: () => number): DueRule {
  return (nowUs) => nowUs + growth * (nowUs - startUs());
}

/**
 * One server for all connections that share the rule: it begins a reply every 1 / perSecond seconds, in the order in
 * which the frames came; while nothing waits, a reply leaves at once.
 */
export function limitedCapacity(perSecond: number): DueRule {
  const stepUs = 1e6 / perSecond;
  let freeUs = -Infinity;
  return (nowUs) => {
    const dueUs = Math.max(nowUs, freeUs);
    freeUs = dueUs + stepUs;
    return dueUs;
  };
}
