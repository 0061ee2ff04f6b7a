import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { monotonicClock } from '../base/clock.ts';
import { Control, newControlBuffer, type LiveChange } from '../shard/control.ts';
import type { FinishedMessage, IntervalMessage, ShardMessage, ShardTask } from '../shard/messages.ts';
import type { ShardPlan } from '../shard/shard-plan.ts';

/** Where the shards' worker threads come from. */
export interface WorkerSetup {
  /** The module that runs a shard. @default the built `shard/worker.js` */
  entry?: string;
  /** Heap that one worker may use. @default Node's own limit */
  memoryMiB?: number;
  /** How long a worker may take until it is ready. @default 30,000 */
  readyMsMax?: number;
  /** How much longer than planned a shard may take to end. @default 15,000 */
  overtimeMsMax?: number;
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
  readonly #readyMsMax: number;
  readonly #overtimeMsMax: number;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => {};
  #live: number;
  #originUs: number | null = null;
  #draining: boolean = false;

  constructor(plans: ShardPlan[], events: ShardPoolEvents, setup: WorkerSetup = {}) {
    const { memoryMiB } = setup;
    this.#events = events;
    this.#readyMsMax = setup.readyMsMax ?? READY_MS_MAX;
    this.#overtimeMsMax = setup.overtimeMsMax ?? OVERTIME_MS_MAX;
    this.#live = plans.length;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#pool = new Piscina({
      filename: setup.entry ?? workerEntry(),
      minThreads: plans.length,
      maxThreads: plans.length,
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB,
        ...(memoryMiB === undefined ? {} : { maxOldGenerationSizeMb: memoryMiB }),
      },
    });
    // A worker that dies after its shard has ended is no news; without a listener it would crash the process.
    this.#pool.on('error', () => {});
    this.#shards = plans.map((plan) => this.#launch(plan));
  }

  /**
   * Waits until every shard is ready or lost, starts all at one common time and waits until all have ended.
   * @param plannedUs how long after the start the last shard should end; one that takes longer than that and its
   *   overtime is given up
   */
  async run(plannedUs: number): Promise<void> {
    const readyTimer = setTimeout(() => this.#giveUpUnready(), this.#readyMsMax);
    await Promise.all(this.#shards.map(({ ready }) => ready));
    clearTimeout(readyTimer);
    const originUs = monotonicClock().nowUs() + START_LEAD_US;
    this.#originUs = originUs;
    for (const { port } of this.#shards) port.postMessage({ type: 'start', originUs });
    const watch = this.#watchEnd(originUs + plannedUs + this.#overtimeMsMax * 1000);
    await this.#ended;
    clearInterval(watch);
    await this.#pool.destroy();
  }

  /** The shards' common start, in monotonic microseconds; null as long as it is not known. */
  get originUs(): number | null {
    return this.#originUs;
  }

  /** Whether the shards were told to drain, before their plan's end. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Tells every shard of a change. */
  change(change: LiveChange): void {
    for (const { control } of this.#shards) control.change(change);
  }

  /** Lets every shard drain and end. */
  drain(): void {
    this.#draining = true;
    for (const { control } of this.#shards) control.command = 'drain';
  }

  /** Ends every worker at once; shards that have not finished are lost. */
  stop(reason: string): void {
    this.#loseAll(reason);
  }

  #launch(plan: ShardPlan): RunningShard {
    const { port1: port, port2 } = new MessageChannel();
    const controlBuffer = newControlBuffer();
    const shard = newRunningShard(plan.shard, port, new Control(controlBuffer));
    port.on('message', (message: ShardMessage) => this.#receive(shard, message));
    const task: ShardTask = { plan, port: port2, control: controlBuffer };
    this.#pool.run(task, { transferList: [port2] }).then(
      () => this.#lose(shard, 'its worker ended without a result'),
      (error: unknown) => this.#lose(shard, `its worker died: ${describeDeath(error)}`),
    );
    return shard;
  }

  #receive(shard: RunningShard, message: ShardMessage): void {
    if (shard.ended) return;
    switch (message.type) {
      case 'ready':
        shard.isReady = true;
        shard.resolveReady();
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
      if (!shard.isReady) this.#lose(shard, `its worker was not ready within ${this.#readyMsMax / 1000} s`);
    }
  }

  /** Looks at the clock again and again: a timer cannot wait longer than 25 days, and a soak can. */
  #watchEnd(limitUs: number): NodeJS.Timeout {
    const clock = monotonicClock();
    return setInterval(() => {
      if (clock.nowUs() > limitUs) this.#loseAll('it did not end in time');
    }, WATCH_MS);
  }

  #loseAll(reason: string): void {
    for (const shard of this.#shards) this.#lose(shard, reason);
  }

  /** What the shard had delivered is taken first: the news of a worker's end overtakes its last messages. */
  #lose(shard: RunningShard, reason: string): void {
    for (;;) {
      const waiting: { message: ShardMessage } | undefined = receiveMessageOnPort(shard.port);
      if (waiting === undefined) break;
      this.#receive(shard, waiting.message);
    }
    this.#end(shard, () => this.#events.lost(shard.index, reason));
  }

  #end(shard: RunningShard, tell: () => void): void {
    if (shard.ended) return;
    shard.ended = true;
    tell();
    shard.resolveReady();
    shard.port.close();
    this.#live--;
    if (this.#live === 0) this.#resolveEnded();
  }
}

interface RunningShard {
  index: number;
  port: MessagePort;
  control: Control;
  /** Resolves when the shard is ready, or has ended before it was: the others must not wait for it. */
  ready: Promise<void>;
  resolveReady: () => void;
  isReady: boolean;
  ended: boolean;
}

function newRunningShard(index: number, port: MessagePort, control: Control): RunningShard {
  let resolveReady = (): void => {};
  const ready = new Promise<void>((resolve) => (resolveReady = resolve));
  return { index, port, control, ready, resolveReady, isReady: false, ended: false };
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
/** How much longer than planned a shard may take to close its connections, on a machine that is overloaded. */
const OVERTIME_MS_MAX = 15_000;
/** How often a run that takes too long is looked for. */
const WATCH_MS = 250;
/**
 * Young heap of a worker. What lives long in a shard is made once a connection, so a large nursery would only be walked
 * through again and again, and push what the loop needs out of the processor's cache.
 */
const YOUNG_GENERATION_MIB = 4;
