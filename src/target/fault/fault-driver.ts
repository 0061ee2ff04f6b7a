import type { Clock } from '../../base/clock.ts';
import { Random } from '../../base/random.ts';
import { AcceptNever, AcceptPause, AcceptRate, type AcceptRule } from './accept-rule.ts';
import { FAULT_CATALOGUE } from './catalogue.ts';
import type { ConnectionFaults } from './connection-faults.ts';
import { FaultBook, type FaultTruth } from './fault-book.ts';
import type { FaultedPlan } from './fault-needs.ts';
import type { FaultOf, FaultSpec } from './fault.ts';
import { FREEZES_LISTED_MAX } from './limits.ts';
import { LimitedReader } from './limited-reader.ts';
import { ByteLimit, ByteRate, type ReadLimit } from './read-limit.ts';
import type { StageMaker } from './reply.ts';
import { replyPosition, stageMaker, type FaultBench } from './reply-faults.ts';
import { Scheduler } from './scheduler.ts';
import { ShareRule } from './share-rule.ts';

/** What a freeze acts on. */
export interface Freezable {
  freeze(): void;
  thaw(): void;
}

/** What one fault does to a connection that it is laid on. */
interface Part {
  book: FaultBook;
  position: number | null;
  stage: StageMaker | null;
  limit: (() => ReadLimit) | null;
}

/**
 * The faults of one target at work: decides which connection has which, keeps the time for all of them on one
 * scheduler, and their truth. Connections of different shares are different ones; a fault without a share is laid on
 * every connection.
 */
export class FaultDriver {
  readonly scheduler: Scheduler;
  /** When connections may be accepted. */
  readonly acceptRules: readonly AcceptRule[];
  readonly #clock: Clock;
  readonly #books: readonly FaultBook[];
  /** Faults of every connection. */
  readonly #common: readonly Part[];
  /** Faults of a share of the connections each. */
  readonly #shared: readonly Part[];
  readonly #shares: ShareRule;
  /** Connections whose reading stopped: what they leave unread is known at the end. */
  readonly #atEnd: (() => void)[] = [];
  #ordinal: number = 0;
  #startUs: number = 0;

  constructor(
    specs: readonly FaultSpec[],
    plan: FaultedPlan,
    { clock, seed }: { clock: Clock; seed: number },
  ) {
    this.#clock = clock;
    this.scheduler = new Scheduler(clock);
    this.#books = specs.map((spec) => new FaultBook(spec));
    this.acceptRules = this.#books.flatMap((book) => acceptRule(book, () => this.#startUs));
    const parts = this.#books
      .filter(({ spec }) => FAULT_CATALOGUE[spec.fault.name].scope === 'connection')
      .map((book, index) => part(book, this.#bench(plan, new Random(seed, index + 1))));
    this.#common = parts.filter(({ book }) => book.spec.share === null);
    this.#shared = parts.filter(({ book }) => book.spec.share !== null);
    const shares = this.#shared.map(({ book }) => book.spec.share ?? 0);
    this.#shares = new ShareRule(shares, new Random(seed));
  }

  /** The target's life begins now: freezes and pauses count from here. */
  begin(target: Freezable): void {
    this.#startUs = this.#clock.nowUs();
    for (const book of this.#books) {
      const { fault } = book.spec;
      if (fault.name === 'freeze')
        this.#planFreeze(fault, book, { target, fromUs: this.#startUs + fault.startUs });
      if (fault.name === 'pause-accept') this.#planPause(fault, book);
    }
  }

  /** What is wrong with the next connection. */
  next(): ConnectionFaults {
    const drawn = this.#shared.length === 0 ? undefined : this.#shared[this.#shares.next()];
    const parts = drawn === undefined ? this.#common : [...this.#common, drawn];
    for (const { book } of parts) book.connections++;
    const limits = parts.flatMap(({ limit }) => (limit === null ? [] : [limit()]));
    return {
      ordinal: this.#ordinal++,
      closer: parts.find(({ book }) => book.spec.fault.name === 'close-at-accept')?.book ?? null,
      reader: limits.length === 0 ? null : new LimitedReader(limits, this.#clock, this.scheduler),
      stages: stagesOf(parts),
      kernel: null,
    };
  }

  /** Calls `settle` when the truth is asked for. */
  settleAtEnd(settle: () => void): void {
    this.#atEnd.push(settle);
  }

  /** What every fault really did, in the order in which they were given. */
  truth(waitingToBeAccepted: number | null): FaultTruth[] {
    for (const settle of this.#atEnd.splice(0)) settle();
    return this.#books.map((book) => {
      const truth = book.truth();
      if (waitingToBeAccepted === null) delete truth.counts.waitingAtEnd;
      else if (truth.counts.waitingAtEnd !== undefined) truth.counts.waitingAtEnd = waitingToBeAccepted;
      return truth;
    });
  }

  #bench({ format }: FaultedPlan, random: Random): FaultBench {
    return { clock: this.#clock, scheduler: this.scheduler, random, format, startUs: () => this.#startUs };
  }

  #planFreeze(
    fault: FaultOf<'freeze'>,
    book: FaultBook,
    { target, fromUs }: { target: Freezable; fromUs: number },
  ): void {
    const untilUs = fromUs + fault.lengthUs;
    this.scheduler.at(fromUs, () => {
      const interval = this.#openInterval(book);
      target.freeze();
      this.scheduler.suspend(untilUs);
      this.scheduler.at(untilUs, () => {
        interval.endMs = this.#sinceStartMs();
        target.thaw();
        const { everyUs } = fault;
        if (everyUs !== undefined) this.#planFreeze(fault, book, { target, fromUs: fromUs + everyUs });
      });
    });
  }

  #planPause(stretch: FaultOf<'pause-accept'>, book: FaultBook): void {
    const fromUs = this.#startUs + stretch.startUs;
    this.scheduler.at(fromUs, () => {
      const interval = this.#openInterval(book);
      this.scheduler.at(fromUs + stretch.lengthUs, () => (interval.endMs = this.#sinceStartMs()));
    });
  }

  #openInterval(book: FaultBook): FaultTruth['intervals'][number] {
    const interval: FaultTruth['intervals'][number] = { startMs: this.#sinceStartMs(), endMs: null };
    if (book.intervals.length < FREEZES_LISTED_MAX) book.intervals.push(interval);
    return interval;
  }

  #sinceStartMs(): number {
    return Math.round(this.#clock.nowUs() - this.#startUs) / 1000;
  }
}

function acceptRule(book: FaultBook, startUs: () => number): AcceptRule[] {
  const { fault } = book.spec;
  if (fault.name === 'never-accept') return [new AcceptNever()];
  if (fault.name === 'accept-slowly') return [new AcceptRate(fault.perSecond, book)];
  if (fault.name === 'pause-accept' || fault.name === 'freeze') return [new AcceptPause(fault, startUs)];
  return [];
}

function part(book: FaultBook, bench: FaultBench): Part {
  const { fault } = book.spec;
  const position = replyPosition(fault.name);
  return {
    book,
    position,
    stage: position === null ? null : stageMaker(fault, book, bench),
    limit: readLimit(book),
  };
}

function readLimit(book: FaultBook): (() => ReadLimit) | null {
  const { fault } = book.spec;
  if (fault.name === 'reset-after') return () => new ByteLimit(fault.bytes, 'reset', book);
  if (fault.name === 'stop-reading') return () => new ByteLimit(fault.bytes, 'stop', book);
  if (fault.name === 'read-slowly') return () => new ByteRate(fault.bytesPerSecond, book);
  return null;
}

/** The stages of a connection, the one nearest to the socket first. */
function stagesOf(parts: readonly Part[]): StageMaker[] {
  return parts
    .filter(({ position }) => position !== null)
    .toSorted((a, b) => (b.position ?? 0) - (a.position ?? 0))
    .flatMap(({ stage }) => (stage === null ? [] : [stage]));
}
