import { COUNTER } from '../measure/counters.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { InFlight } from './in-flight.ts';
import type { SessionContext } from './session-context.ts';
import type { HeartbeatPlan } from './session-plan.ts';

/**
 * Asks a connection at fixed times whether its target lives. At most one heartbeat is in flight; its reply is timed
 * apart from those of the load, and it takes no place in the load's window.
 */
export class Heartbeat {
  readonly #context: SessionContext;
  readonly #plan: HeartbeatPlan;
  readonly #slot: number;
  readonly #inFlight: InFlight;
  readonly #writer: FrameWriter;

  constructor(context: SessionContext, plan: HeartbeatPlan, parts: HeartbeatParts) {
    this.#context = context;
    this.#plan = plan;
    this.#slot = parts.slot;
    this.#inFlight = parts.inFlight;
    this.#writer = parts.writer;
  }

  /** The connection is open: the first heartbeat is due after one period. */
  start(nowUs: number): void {
    this.#context.engine.setDeadline(this.#slot, 'beat', nowUs + this.#plan.everyUs);
  }

  /**
   * The deadline has passed. True: the heartbeat in flight was not answered in time.
   * @param mayAsk whether the next one may be sent
   */
  expired(nowUs: number, mayAsk: boolean): boolean {
    const { heartbeat } = this.#inFlight;
    if (heartbeat !== null && this.#inFlight.has(heartbeat)) return true;
    if (!mayAsk) return false;
    const sent = this.#writer.sendHeartbeat(this.#plan.payload);
    const waitUs = sent ? this.#plan.timeoutUs : this.#plan.everyUs;
    this.#context.engine.setDeadline(this.#slot, 'beat', nowUs + waitUs);
    return false;
  }

  /** The heartbeat sent at `sentUs` was answered at `nowUs`. */
  answered(sentUs: number, nowUs: number): void {
    const { meter, engine } = this.#context;
    meter.recorder('heartbeat').record(nowUs - sentUs);
    meter.counters[COUNTER.heartbeatsAnswered]!++;
    engine.setDeadline(this.#slot, 'beat', Math.max(nowUs, sentUs + this.#plan.everyUs));
  }
}

export interface HeartbeatParts {
  slot: number;
  inFlight: InFlight;
  writer: FrameWriter;
}
