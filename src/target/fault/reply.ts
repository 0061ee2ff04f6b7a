import type { FaultBook } from './fault-book.ts';
import { Fifo } from './fifo.ts';

/** What goes back to a client as one piece: usually a whole frame. */
export interface Reply {
  bytes: Buffer;
  /** Where in `bytes` the payload begins. */
  payloadStart: number;
  payloadBytes: number;
  /** Whole frames that end in `bytes`; 0 for half a frame and for a chunk of a byte stream. */
  frames: number;
}

/** How the target ends its side of a connection, and whose doing it is. */
export interface Ending {
  how: 'fin' | 'reset';
  /** The fault that asked for it; null: the client has ended its side, or is refused. */
  book: FaultBook | null;
  /** How long RST waits after the last byte. @default 0 */
  pauseMs?: number;
}

/** Where replies go: the next stage, at last the socket. */
export interface ReplySink {
  reply(reply: Reply): void;
  /** No reply comes any more: what is held leaves, then the connection ends. Only the first call counts. */
  end(ending: Ending): void;
  /** The connection is gone: what is held is forgotten. */
  close(): void;
}

/** What a stage may ask of its connection. */
export interface ReplyLink {
  /** Whether the client does not take its replies: nothing should be made up for it. */
  readonly stalled: boolean;
  /** Reports bytes that are held (or, negative, no longer are), so that a connection that holds too many is not read. */
  hold(bytes: number): void;
}

/** Puts a stage before `next`. */
export type StageMaker = (next: ReplySink, link: ReplyLink) => ReplySink;

/** A stage that passes everything on; faults override what they change. */
export class ReplyStage implements ReplySink {
  protected readonly next: ReplySink;

  constructor(next: ReplySink) {
    this.next = next;
  }

  reply(reply: Reply): void {
    this.next.reply(reply);
  }

  end(ending: Ending): void {
    this.next.end(ending);
  }

  close(): void {
    this.next.close();
  }
}

/** A stage that holds replies back, first come first served, and the end of the connection behind them. */
export abstract class HoldingStage<T> extends ReplyStage {
  protected readonly queue: Fifo<T> = new Fifo();
  #ending: Ending | null = null;

  override end(ending: Ending): void {
    if (this.queue.size === 0) this.next.end(ending);
    else this.#ending ??= ending;
  }

  override close(): void {
    this.queue.clear();
    this.next.close();
  }

  /** Passes on the end that waited, where nothing is held any more. */
  protected endWhenEmpty(): void {
    if (this.queue.size === 0 && this.#ending !== null) this.next.end(this.#ending);
  }
}
