import type { OnReadOpts } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import { present } from '../../base/assert.ts';
import type { ReadLimit } from './read-limit.ts';
import type { Scheduler } from './scheduler.ts';

/** What a limited reader tells its connection. */
export interface ReadPort {
  received(chunk: Buffer): void;
  /** Reading must rest, or may go on as far as the limits are concerned. */
  limit(rests: boolean): void;
  /** Nothing may be read any more. */
  exhausted(limit: ReadLimit): void;
}

/**
 * Reads a socket in steps that limits allow. The socket reads into a buffer that this class hands out, and the kernel
 * fills no more than its length: that is how exactly N bytes are read and the rest stays in the kernel.
 */
export class LimitedReader {
  /** For the socket's constructor. */
  readonly onread: OnReadOpts;
  readonly #limits: readonly ReadLimit[];
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #buffer: Buffer;
  #port: ReadPort | null = null;

  constructor(limits: readonly ReadLimit[], clock: Clock, scheduler: Scheduler) {
    this.#limits = limits;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, this.#bytesMax())));
    this.onread = {
      buffer: () => this.#buffer.subarray(0, Math.max(1, Math.min(READ_BYTES, this.#bytesMax()))),
      callback: (bytes) => this.#took(bytes),
    };
  }

  /** Connects the reader, before the loop turns: nothing has been read by then. */
  attach(port: ReadPort): void {
    this.#port = port;
    this.#pace();
  }

  #took(bytes: number): boolean {
    const nowUs = this.#clock.nowUs();
    for (const limit of this.#limits) limit.took(bytes, nowUs);
    // The buffer is used again while the chunk may still wait to be sent.
    present(this.#port, 'a port').received(Buffer.from(this.#buffer.subarray(0, bytes)));
    return this.#pace();
  }

  /** Rests until every limit allows to read; true: they do now. */
  #pace(): boolean {
    const port = present(this.#port, 'a port');
    const nowUs = this.#clock.nowUs();
    const spent = this.#limits.find((limit) => limit.readyUs(nowUs) === Infinity);
    if (spent !== undefined) {
      port.limit(true);
      port.exhausted(spent);
      return false;
    }
    const readyUs = Math.max(...this.#limits.map((limit) => limit.readyUs(nowUs)));
    if (readyUs <= nowUs) return true;
    port.limit(true);
    this.#scheduler.at(readyUs, () => port.limit(false));
    return false;
  }

  #bytesMax(): number {
    return Math.min(...this.#limits.map((limit) => limit.bytesMax));
  }
}

/** What libuv asks the kernel for at a time. */
const READ_BYTES = 65_536;
