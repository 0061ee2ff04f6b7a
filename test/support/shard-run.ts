import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';

import { monotonicClock } from '../../src/base/clock.ts';
import type { EngineName, TargetAddress } from '../../src/engine/engine.ts';
import { whyNoEpoll } from '../../src/engine/linux/probe.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { parsePayloadSize } from '../../src/framing/payload-size.ts';
import { checkConservation } from '../../src/measure/conservation.ts';
import { COUNTER, type CounterName } from '../../src/measure/counters.ts';
import type { ErrorRow } from '../../src/measure/error-table.ts';
import { HistogramSet } from '../../src/measure/histogram-set.ts';
import { DIAL_OUTCOMES, SESSION_OUTCOMES } from '../../src/measure/outcome.ts';
import type { PartialReadRow } from '../../src/measure/partial-read-table.ts';
import type { PartialWriteRow } from '../../src/measure/partial-write-table.ts';
import type { Metric } from '../../src/measure/metric.ts';
import type { ShardSnapshot } from '../../src/measure/snapshot.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { Control, newControlBuffer } from '../../src/shard/control.ts';
import type {
  CohortEnd,
  CoordinatorMessage,
  FinishedMessage,
  IntervalMessage,
  ShardMessage,
  ShardTask,
} from '../../src/shard/messages.ts';
import type { CohortPlan, ShardPlan } from '../../src/shard/shard-plan.ts';
import { Shard } from '../../src/shard/shard.ts';

/** What one shard delivered, from its start to its end. */
export interface ShardRun {
  count(name: CounterName): number;
  /** How many values `metric` has. */
  times(metric: Metric): number;
  /** Its least value, in microseconds; null where it has none. */
  least(metric: Metric): number | null;
  histograms: HistogramSet;
  /** Outcomes that occurred. */
  sessions: Record<string, number>;
  dials: Record<string, number>;
  errors: ErrorRow[];
  partialWrites: PartialWriteRow[];
  partialReads: PartialReadRow[];
  intervals: CohortMessage[];
  finished: FinishedMessage & CohortEnd;
}

/** An interval with what it says of one cohort. */
export type CohortMessage = IntervalMessage & { snapshot: ShardSnapshot };

/** Timeouts that no test waits for, in microseconds. */
export const PATIENT: SessionPlan['timeouts'] = { connectUs: 5e6, readUs: 5e6, writeUs: 5e6 };

/** The same but for those that a test waits for. */
export function impatient(timeouts: Partial<SessionPlan['timeouts']>): Partial<SessionPlan> {
  return { timeouts: { ...PATIENT, ...timeouts } };
}

/**
 * One connection that sends 64 B frames one by one and verifies their echo, for 10 s: a run ends as soon as its
 * sessions have, so only a test whose peer never ends anything needs a shorter duration.
 */
export function sessionPlan(address: TargetAddress, overrides: Partial<SessionPlan> = {}): SessionPlan {
  return {
    addresses: [address],
    tls: null,
    socket: DEFAULT_SOCKET_OPTIONS,
    sourceIps: [],
    frame: { format: parseFrameFormat('u32be'), header: null, maxBytes: 1_048_576 },
    payload: { size: parsePayloadSize('64B'), message: null, stamp: true },
    preface: { send: null, expect: null, timeoutUs: 5e6 },
    load: { model: 'closed', window: 1, thinkUs: 0 },
    match: { mode: 'fifo', verifyEcho: true },
    heartbeat: null,
    lifetime: null,
    reconnect: 'none',
    backoff: null,
    close: 'fin',
    timeouts: PATIENT,
    connections: 1,
    firstConnection: 0,
    seed: 1,
    warmupUs: 0,
    durationUs: 10e6,
    ...overrides,
  };
}

/** The plan of a run that has one shard. */
export function shardPlan(session: SessionPlan, overrides: PlanOverrides = {}): ShardPlan {
  const { shard = 0, shards = 1, engine = 'node', ...rest } = overrides;
  const { warmupUs, durationUs } = session;
  const cohorts = [{ ...cohortPlan(session), part: shard, parts: shards, ...rest }];
  return { shard, shards, engine, warmupUs, durationUs, cohorts };
}

type PlanOverrides = Partial<
  Omit<ShardPlan, 'cohorts'> & Pick<CohortPlan, 'connections' | 'dial' | 'drainUs'>
>;

/** The whole of a cohort, as one shard has it. */
export function cohortPlan(session: SessionPlan, overrides: Partial<CohortPlan> = {}): CohortPlan {
  return {
    name: null,
    session,
    part: 0,
    parts: 1,
    connections: session.connections,
    dial: { schedule: { ratePerSecond: null, shard: 0, shards: 1 }, concurrentDials: 1000 },
    drainUs: 2e6,
    ...overrides,
  };
}

/**
 * Runs one shard, against real sockets, until it has finished: on this thread with the node engine, in a worker of the
 * built package with the epoll engine, which holds its thread while the test's peers have to go on.
 * @param started gets the shard's control words as soon as it runs
 * @throws {Error} when its counts do not add up, or an interval is missing
 */
export async function runShard(
  plan: ShardPlan,
  started: (control: Control) => unknown = () => undefined,
): Promise<ShardRun> {
  const [run] = await runCohorts(plan, started);
  if (run === undefined) throw new Error('The plan has no cohort');
  return run;
}

/** The same for a shard of several cohorts: what it delivered of each. */
export async function runCohorts(
  plan: ShardPlan,
  started: (control: Control) => unknown = () => undefined,
): Promise<ShardRun[]> {
  const { port1, port2 } = new MessageChannel();
  const control = newControlBuffer();
  const messages: ShardMessage[] = [];
  // A worker takes its time to start, which is no part of the run.
  const begin = (): void => {
    port2.postMessage({ type: 'start', originUs: monotonicClock().nowUs() } satisfies CoordinatorMessage);
    started(new Control(control));
  };
  const finished = new Promise<FinishedMessage>((resolve) => {
    port2.on('message', (message: ShardMessage) => {
      messages.push(message);
      if (message.type === 'ready') begin();
      if (message.type === 'finished') resolve(message);
    });
  });
  const task = { plan, port: port1, control };
  if (plan.engine === 'epoll') {
    await launchWorker(task);
  } else {
    const shard = new Shard(task, monotonicClock().nowUs());
    started(new Control(control));
    await shard.run();
  }
  const last = await finished;
  port1.close();
  port2.close();
  return plan.cohorts.map((_, cohort) => summarize(messages, last, cohort));
}

/** The same in a worker of the built package; resolves when its thread has ended. */
async function launchWorker(task: ShardTask): Promise<void> {
  const worker = new Worker(WORKER, {
    eval: true,
    workerData: { task, entry: WORKER_ENTRY },
    transferList: [task.port],
  });
  const [code] = (await once(worker, 'exit')) as [number];
  if (code !== 0) throw new Error(`The shard's worker ended with code ${code}`);
}

const WORKER_ENTRY = new URL('../../dist/shard/worker.js', import.meta.url).href;
const WORKER = `
  const { workerData } = require('node:worker_threads');
  import(workerData.entry).then((entry) => entry.default(workerData.task));
`;

/** One session, or several of one plan, from dial to end; replies are awaited for `drainUs` after the plan's end. */
export function runSessions(
  address: TargetAddress,
  overrides: Partial<SessionPlan> = {},
  { drainUs = 2e6, engine = 'node' }: { drainUs?: number; engine?: EngineName } = {},
): Promise<ShardRun> {
  return runShard(shardPlan(sessionPlan(address, overrides), { drainUs, engine }));
}

/** The engines to test with, and why one of them cannot be used here; null where it can. */
export const ENGINES: readonly { engine: EngineName; missing: string | null }[] = [
  { engine: 'node', missing: null },
  { engine: 'epoll', missing: whyNoEpoll() },
];

/** Keeps this thread busy, and with it every loop on it, as an overloaded machine would. */
export function holdLoop(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

function summarize(messages: ShardMessage[], finished: FinishedMessage, cohort: number): ShardRun {
  const intervals = messages
    .filter((message) => message.type === 'interval')
    .map((message) => ({ ...message, snapshot: ofCohort(message, cohort) }));
  const end = finished.cohorts[cohort];
  const snapshot = intervals.at(-1)?.snapshot;
  if (snapshot === undefined || end === undefined) throw new Error('The shard delivered no interval');
  const violations = checkConservation(snapshot.counters);
  if (violations.length > 0) throw new Error(violations.join('\n'));
  const histograms = new HistogramSet();
  for (const interval of intervals) histograms.add(interval.snapshot.histograms);
  const count = (name: CounterName): number => snapshot.counters[COUNTER[name]] ?? 0;
  return {
    count,
    times: (metric) => histograms.get(metric)?.count ?? 0,
    least: (metric) => histograms.get(metric)?.summary().min ?? null,
    histograms,
    sessions: occurred(SESSION_OUTCOMES, (outcome) => count(`session:${outcome}`)),
    dials: occurred(DIAL_OUTCOMES, (outcome) => count(`dial:${outcome}`)),
    errors: snapshot.errors,
    partialWrites: snapshot.partialWrites,
    partialReads: snapshot.partialReads,
    intervals,
    finished: { ...finished, ...end },
  };
}

function occurred<T extends string>(names: readonly T[], count: (name: T) => number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)]).filter(([, times]) => times !== 0));
}

function ofCohort({ snapshots }: IntervalMessage, cohort: number): ShardSnapshot {
  const snapshot = snapshots[cohort];
  if (snapshot === undefined) throw new Error(`The interval has no cohort ${cohort}`);
  return snapshot;
}
