import { unlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

import type { Clock } from '../../base/clock.ts';
import type { AcceptRule } from './accept-rule.ts';
import type { KernelCalls } from './kernel-calls.ts';
import { ACCEPT_RETRY_MS, ACCEPTS_A_TURN_MAX, DIAL_WAIT_MS_MAX } from './limits.ts';
import type { Scheduler } from './scheduler.ts';
import { decodeAddress, encodeAddress } from './socket-address.ts';
import type { ListenAddress } from '../listen.ts';

/** What a raw listener works with. */
export interface RawListenerOptions {
  calls: KernelCalls;
  clock: Clock;
  scheduler: Scheduler;
  /** All of them must allow an accept. */
  rules: readonly AcceptRule[];
}

/** Who takes the connections of a raw listener. */
export interface RawAcceptor {
  accepted(fd: number): void;
  /** The system refused one, for want of descriptors or memory. */
  acceptFailed(): void;
}

/**
 * A listening socket from which connections are accepted when rules allow it, and not before: what waits, waits in the
 * kernel's accept queue. node:net cannot do that, because it accepts whatever comes.
 */
export class RawListener {
  readonly address: AddressInfo | string;
  readonly #fd: number;
  readonly #options: RawListenerOptions;
  #acceptor: RawAcceptor | null = null;
  #closed: boolean = false;
  /** Node sees no socket here: without a timer a target that never accepts would end for want of work. */
  #keptAlive: NodeJS.Timeout | null = null;
  /** The wait for dials that is under way: its descriptor must not be closed. */
  #wait: Promise<void> = Promise.resolve();

  private constructor(fd: number, options: RawListenerOptions) {
    this.#fd = fd;
    this.#options = options;
    this.address = decodeAddress(options.calls.boundAddress(fd));
  }

  /** @throws {Error} with `code` and `syscall` when the system refuses the address */
  static async open(
    address: ListenAddress,
    backlog: number,
    options: RawListenerOptions,
  ): Promise<RawListener> {
    return new RawListener(options.calls.listen(await encodeAddress(address), backlog), options);
  }

  /** Hands every connection from now on to `acceptor`. */
  start(acceptor: RawAcceptor): void {
    this.#acceptor = acceptor;
    this.#keptAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
    this.#accept();
  }

  /** Connections that wait in the accept queue; null: a unix socket does not tell. */
  waiting(): number | null {
    return typeof this.address === 'string' ? null : this.#options.calls.waiting(this.#fd);
  }

  /** Stops listening; connections that wait are reset by the kernel. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#keptAlive !== null) clearInterval(this.#keptAlive);
    this.#options.calls.shutdown(this.#fd);
    await this.#wait;
    this.#options.calls.close(this.#fd);
    if (typeof this.address === 'string') unlinkSync(this.address);
  }

  #accept(): void {
    const { clock, calls, rules, scheduler } = this.#options;
    for (let accepts = 0; accepts < ACCEPTS_A_TURN_MAX; accepts++) {
      if (this.#closed) return;
      const nowUs = clock.nowUs();
      const readyUs = Math.max(nowUs, ...rules.map((rule) => rule.readyUs(nowUs)));
      if (readyUs === Infinity) return;
      if (readyUs > nowUs) return scheduler.at(readyUs, () => this.#accept());
      const result = calls.accept(this.#fd);
      if (typeof result === 'string') return this.#pauseAfter(result);
      for (const rule of rules) rule.accepted(nowUs);
      this.#acceptor?.accepted(result);
    }
    setImmediate(() => this.#accept());
  }

  #pauseAfter(errorName: string): void {
    if (errorName === 'EAGAIN') return this.#awaitDial();
    this.#acceptor?.acceptFailed();
    const { clock, scheduler } = this.#options;
    scheduler.at(clock.nowUs() + ACCEPT_RETRY_MS * 1000, () => this.#accept());
  }

  #awaitDial(): void {
    this.#wait = this.#options.calls.dialWaits(this.#fd, DIAL_WAIT_MS_MAX);
    void this.#wait.then(() => this.#accept());
  }
}

/** A day: the timer only has to be there. */
const KEEP_ALIVE_MS = 86_400_000;
