import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { monotonicClock } from '../base/clock.ts';
import { Control, newControlBuffer } from '../shard/control.ts';
import type { FinishedMessage, IntervalMessage, ShardMessage, ShardTask } from '../shard/messages.ts';
import type { ShardPlan } from '../shard/shard-plan.ts';

/** Where the shards' worker threads come from. */
export interface WorkerSetup {
  /** The module that runs a shard. @default the built `shard/worker.js` */
  entry?: string;
  /** Heap that one worker may use. @default Node's own limit */
  memoryMiB?: number;
}

export interface ShardPoolEvents {
  interval(shard: number, message: IntervalMessage): void;
  finished(shard: number, message: FinishedMessage): void;
  /** The shard ended without having finished; it had delivered what its intervals said. */
  lost(shard: number, reason: string): void;
}

/**
 * The worker threads of one run, a shard each. Every shard ends exactly once, as finished or as lost: when its worker
 * dies, when it does not get ready or does not end in time, or when the pool is stopped.
 */
export class ShardPool {
  readonly #events: ShardPoolEvents;
  readonly #pool: Piscina;
  readonly #shards: RunningShard[];
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  #live: number;

  constructor(plans: ShardPlan[], events: ShardPoolEvents, setup: WorkerSetup = {}) {
    const { memoryMiB } = setup;
    this.#events = events;
    this.#live = plans.length;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#pool = new Piscina({
      filename: setup.entry ?? workerEntry(),
      minThreads: plans.length,
      maxThreads: plans.length,
      ...(memoryMiB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMiB } }),
    });
    // A worker that dies after its shard has ended is no news; without a listener it would crash the process.
    this.#pool.on('error', () => {});
    this.#shards = plans.map((plan) => this.#launch(plan));
  }

  /**
   * Waits until every shard is ready, starts all at one common time and waits until all have ended.
   * @param timeLimitUs how long after the start a shard that has not ended is given up
   */
  async run(timeLimitUs: number): Promise<void> {
    const readyTimer = setTimeout(() => this.#giveUpUnready(), READY_MS_MAX);
    await Promise.race([Promise.all(this.#shards.map(({ ready }) => ready)), this.#ended]);
    clearTimeout(readyTimer);
    const originUs = monotonicClock().nowUs() + START_LEAD_US;
    for (const { port } of this.#shards) port.postMessage({ type: 'start', originUs });
    const limit = setTimeout(
      () => this.#loseAll('it did not end in time'),
      (START_LEAD_US + timeLimitUs) / 1000,
    );
    await this.#ended;
    clearTimeout(limit);
    await this.#pool.destroy();
  }

  /** Lets every shard drain and end. */
  drain(): void {
    for (const { control } of this.#shards) control.command = 'drain';
  }

  /** Ends every worker at once; shards that have not finished are lost. */
  stop(reason: string): void {
    this.#loseAll(reason);
  }

  #launch(plan: ShardPlan): RunningShard {
    const { port1: port, port2 } = new MessageChannel();
    const controlBuffer = newControlBuffer();
    const ready = once(port, 'message').then(() => undefined);
    const shard: RunningShard = {
      index: plan.shard,
      port,
      control: new Control(controlBuffer),
      ready,
      isReady: false,
      ended: false,
    };
    port.on('message', (message: ShardMessage) => this.#receive(shard, message));
    const task: ShardTask = { plan, port: port2, control: controlBuffer };
    this.#pool.run(task, { transferList: [port2] }).then(
      () => setTimeout(() => this.#lose(shard, 'its worker ended without a result'), LAST_MESSAGE_MS_MAX).unref(),
      (error: unknown) => this.#lose(shard, `its worker died: ${describeDeath(error)}`),
    );
    return shard;
  }

  #receive(shard: RunningShard, message: ShardMessage): void {
    if (shard.ended) return;
    switch (message.type) {
      case 'ready':
        shard.isReady = true;
        break;
      case 'interval':
        this.#events.interval(shard.index, message);
        break;
      case 'finished':
        this.#end(shard, () => this.#events.finished(shard.index, message));
        break;
      default:
        message satisfies never;
    }
  }

  #giveUpUnready(): void {
    for (const shard of this.#shards) {
      if (!shard.isReady) this.#lose(shard, `its worker was not ready within ${READY_MS_MAX / 1000} s`);
    }
  }

  #loseAll(reason: string): void {
    for (const shard of this.#shards) this.#lose(shard, reason);
  }

  #lose(shard: RunningShard, reason: string): void {
    this.#end(shard, () => this.#events.lost(shard.index, reason));
  }

  #end(shard: RunningShard, tell: () => void): void {
    if (shard.ended) return;
    shard.ended = true;
    tell();
    shard.port.close();
    this.#live--;
    if (this.#live === 0) this.#resolveEnded();
  }
}

interface RunningShard {
  index: number;
  port: MessagePort;
  control: Control;
  ready: Promise<void>;
  isReady: boolean;
  ended: boolean;
}

function describeDeath(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `${code}, ${error.message}`;
}

/** Node 20 cannot run TypeScript in a worker: under a test runner the built file serves too. */
function workerEntry(): string {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? '../../dist/shard/worker.js' : '../shard/worker.js', import.meta.url).href;
}

/** A worker loads its modules in a fraction of this even on a busy machine. */
const READY_MS_MAX = 30_000;
/** From the start message to the common start: longer than a message takes to reach the last worker. */
const START_LEAD_US = 50_000;
/** A worker's result and its last message travel on two ports; so long may the message take after the result. */
const LAST_MESSAGE_MS_MAX = 1000;
