/**
 * Everything that the coordinator of a soak keeps, driven at full speed: intervals of a recorded distribution, which
 * varies from second to second, come from a shard as messages do and go the way of a run's, with a clock that this
 * program moves. Prints one JSON document: what the process and the run's directory took in the course of it.
 *
 *   node simulated-soak.js <directory for runs> <recorded .hlog> <hours>
 *
 * Needs the built tree.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '../../dist/base/clock.js';
import { Random } from '../../dist/base/random.js';
import { HealthMonitor } from '../../dist/coordinator/health/health-monitor.js';
import { sendingPlan } from '../../dist/coordinator/health/run-health.js';
import { IntervalMerger } from '../../dist/coordinator/interval-merger.js';
import { planShards } from '../../dist/coordinator/plan-shards.js';
import { RunTotals } from '../../dist/coordinator/run-totals.js';
import { intervalTaker } from '../../dist/coordinator/take-interval.js';
import { ThresholdJudge } from '../../dist/coordinator/threshold/threshold-judge.js';
import { COUNTER, newCounters } from '../../dist/measure/counters.js';
import { rangeOfIndexUs } from '../../dist/measure/time-index.js';
import { loadProfile } from '../../dist/profile/load-profile.js';
import { ClockWatch } from '../../dist/host/clock-watch.js';
import { RunClocks } from '../../dist/coordinator/run-clocks.js';
import { LongRunView } from '../../dist/report/live/long-run-view.js';
import { createPaint } from '../../dist/report/paint.js';
import { readHistogramLog } from '../../dist/store/histogram-log.js';
import { createRun } from '../../dist/store/run-writer.js';

const [out, recorded, hoursText] = process.argv.slice(2);
const INTERVALS = Number(hoursText) * 3600;
const SHARDS = 1;
/** Intervals that are made of the recorded ones, to be drawn from. */
const VARIANTS = 200;
/** Between two looks at the process: ten minutes. */
const SAMPLE_INTERVALS = 600;
const METRICS = new Set(['response', 'service', 'sendLag']);
const PROFILE = `
target: 127.0.0.1:4000
duration: ${hoursText}h
warmup: 5s
workers: ${SHARDS}
connections: { count: 1000, lifetime: exp:10m, reconnect: immediate }
load: { totalRate: 10k/s }
thresholds:
  - { expr: response.p99 < 10s, window: 1m, abortOnFail: true }
  - { expr: errors.rate < 50%, window: 5m }
  - throughput.frames > 1/s
`;

const random = new Random(20_261_128);
const profile = loadProfile({ name: 'soak', text: PROFILE, file: 'soak.yaml' }, {}, {}, []);
const addresses = [{ host: '127.0.0.1', port: 4000, family: 4, path: null }];
const [plan] = planShards(profile, { engine: 'epoll', addresses, tls: null });
const clock = new ManualClock();
const totals = new RunTotals(SHARDS);
const writer = createRun(out, manifestOf(profile), { stopped: ({ why }) => fail(why) });
const view = new LongRunView(new Writable({ write: (_text, _encoding, done) => done() }), {
  label: 'soak',
  totalSeconds: INTERVALS,
  paint: createPaint(false),
});
view.started([]);
const takers = {
  totals,
  writer,
  time: null,
  clock,
  clocks: new RunClocks({ watch: new ClockWatch(readClocks), aftermathUs: 5e6 }),
  health: new HealthMonitor({
    health: profile.health,
    sending: sendingPlan(
      plan.cohorts.map(({ session }) => session),
      'epoll',
    ),
    thresholds: true,
    clock,
    machine: { take: () => ({ stealShare: 0, pressureShare: 0.1 }) },
  }),
  thresholds: new ThresholdJudge(profile.thresholds),
  observe: (interval) => view.update(interval),
};
const merger = new IntervalMerger(
  { shards: SHARDS, cohorts: 1 },
  intervalTaker(takers, () => fail('a threshold ended the run')),
);
const variants = makeVariants(recorded);
const counters = Array.from({ length: SHARDS }, newCounters);
const samples = [];
let directoryBytesMax = 0;

for (let index = 0; index < INTERVALS; index++) {
  clock.advance(1e6);
  for (let shard = 0; shard < SHARDS; shard++) deliver(shard, index);
  // The coordinator's loop is idle between two intervals: what it keeps in the background comes to its end.
  await (index % 60 === 59 ? writer.settled() : setImmediate());
  if (index % SAMPLE_INTERVALS === SAMPLE_INTERVALS - 1) takeSample(index + 1);
}
takers.writer.close();
await writer.settled();
const { directory } = writer;
const frames = totals.counters[COUNTER.framesMatched];
process.stdout.write(
  JSON.stringify({ directory, intervals: totals.intervals, frames, directoryBytesMax, samples }),
);

function readClocks() {
  const us = clock.nowUs();
  return { monotonicUs: us, bootUs: us, wallUs: us };
}

/** Where node exposes it, garbage that a process of this speed has not come to collect is no part of it. */
function takeSample(seconds) {
  globalThis.gc?.();
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  samples.push({ seconds, rss, heapUsed, heapTotal, external, arrayBuffers });
  directoryBytesMax = Math.max(directoryBytesMax, bytesOf(writer.directory));
}

function bytesOf(path) {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

/** A shard's word on one interval; what it holds is the message's own, as if it had come from another thread. */
function deliver(shard, index) {
  const { histograms, count } = variants[random.below(VARIANTS)];
  const own = counters[shard];
  if (index === 0)
    for (const name of ['dialsAttempted', 'dial:connected', 'openNow']) own[COUNTER[name]] += 500;
  for (const name of ['dialsAttempted', 'dial:connected', 'session:closed-by-plan']) own[COUNTER[name]] += 1;
  for (const name of ['framesSent', 'framesReceived', 'framesMatched']) own[COUNTER[name]] += count;
  own[COUNTER.bytesSent] += count * 68;
  own[COUNTER.bytesReceived] += count * 68;
  if (index % 977 === 0) own[COUNTER['session:reset']] += 1;
  const deltas = Object.fromEntries(Object.entries(histograms).map(([name, delta]) => [name, copyOf(delta)]));
  const message = {
    type: 'interval',
    index,
    startUs: index * 1e6,
    endUs: (index + 1) * 1e6,
    phase: index < 5 ? 'warmup' : 'measure',
    snapshots: [
      {
        counters: own.slice(),
        histograms: deltas,
        sides: { [`age:${index < 60 ? 0 : 1}`]: copyOf(histograms.response) },
        openMax: 500,
        errors: [
          {
            phase: 'read',
            outcome: 'reset',
            errno: 'ECONNRESET',
            syscall: 'recv',
            count: 1 + index,
            firstAtMs: 0,
            lastAtMs: index * 1000,
          },
        ],
        partialWrites: [],
        partialReads: [],
        addresses: Float64Array.of(own[COUNTER.dialsAttempted], own[COUNTER['dial:connected']]),
        synRetransmits: new Float64Array(8),
      },
    ],
    loop: {
      cpuUs: 300_000,
      cpuWaitUs: 1000 + random.below(1000),
      busyUs: 300_000 + random.below(100_000),
      turns: 4000 + random.below(500),
      stallUs: random.below(2000),
      wholeStallUs: random.below(2000),
      gc: { count: 0, totalUs: 0, longestUs: 0 },
    },
  };
  totals.noteSnapshots(shard, message);
  merger.add(shard, message);
}

function copyOf(delta) {
  return { ...delta, counts: delta.counts.slice() };
}

/** Recorded seconds, each shifted in time and thinned at random, so that hardly two are alike. */
function makeVariants(path) {
  const seconds = new Map();
  for (const interval of readHistogramLog(path)) {
    if (!METRICS.has(interval.tag)) continue;
    const known = seconds.get(interval.startSeconds) ?? {};
    known[interval.tag] = interval.histogram().compact();
    seconds.set(interval.startSeconds, known);
  }
  const all = [...seconds.values()].filter(({ response }) => response !== undefined);
  return Array.from({ length: VARIANTS }, () => {
    const second = all[random.below(all.length)];
    const shift = random.below(300) - 100;
    const deltas = Object.entries(second).map(([metric, compact]) => [metric, variantOf(compact, shift)]);
    const histograms = Object.fromEntries(deltas.filter(([, delta]) => delta !== null));
    return { histograms, count: histograms.response.count };
  });
}

function variantOf({ indices, counts }, shift) {
  const found = new Map();
  indices.forEach((index, at) => {
    const moved = index === 0 ? 0 : Math.max(0, index + shift);
    let count = 0;
    for (let i = 0; i < counts[at]; i++) if (random.below(10) > 0) count++;
    if (count > 0) found.set(moved, (found.get(moved) ?? 0) + count);
  });
  if (found.size === 0) return null;
  const at = [...found.keys()].toSorted((a, b) => a - b);
  const [first, last] = [at[0], at.at(-1)];
  const delta = { firstIndex: first, counts: new Uint32Array(last - first + 1), count: 0, sumUs: 0 };
  for (const index of at) {
    delta.counts[index - first] = found.get(index);
    delta.count += found.get(index);
    delta.sumUs += found.get(index) * rangeOfIndexUs(index).lowest;
  }
  return { ...delta, minUs: rangeOfIndexUs(first).lowest, maxUs: rangeOfIndexUs(last).highest };
}

function manifestOf(effective) {
  return {
    version: 1,
    tool: { name: 'tidemark', version: '0.1.0' },
    id: '2026-11-28T00-00-00Z-soak-72h0',
    label: 'soak',
    startedAt: '2026-11-28T00:00:00.000Z',
    target: '127.0.0.1:4000',
    engine: 'epoll',
    engineReason: 'simulated',
    workers: SHARDS,
    seed: 1,
    intervalSeconds: 1,
    profile: effective,
    host: { kernel: 'Linux', node: process.version, cpus: 2, fdLimit: 20_000 },
  };
}

function fail(why) {
  throw new Error(`the simulated run broke: ${why}`);
}
