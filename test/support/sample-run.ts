import { HistogramSet } from '../../src/measure/histogram-set.ts';
import type { Metric } from '../../src/measure/metric.ts';
import { Recorder } from '../../src/measure/recorder.ts';
import { resolveProfile } from '../../src/profile/profile-defaults.ts';
import type { Profile } from '../../src/profile/profile.ts';
import type { IntervalLine } from '../../src/store/interval-line.ts';
import { MANIFEST_VERSION, type Manifest } from '../../src/store/manifest.ts';
import { SUMMARY_VERSION, type Summary, type ThresholdResult } from '../../src/store/summary.ts';

/** An effective profile: 100 connections, closed model, 10 s. */
function sampleProfile(): Profile {
  const plain = resolveProfile({}, 'smoke');
  return {
    ...plain,
    target: '127.0.0.1:4000',
    warmupUs: 1_000_000,
    seed: 7,
    workers: 2,
    connections: { ...plain.connections, count: 100, concurrentDials: 64 },
    match: { mode: 'fifo', verify: 'off' },
    timeouts: { ...plain.timeouts, drainUs: 2_000_000 },
    record: { maxDiskBytes: 2 ** 31 },
  };
}

const TOOL = { name: 'tidemark', version: '0.1.0' };
const HOST = { kernel: 'Linux 6.18.0', node: 'v20.20.2', cpus: 2, fdLimit: 20_000 };

/** The manifest of a run that has just begun. */
export function sampleManifest(overrides: Partial<Manifest> = {}): Manifest {
  return {
    version: MANIFEST_VERSION,
    tool: TOOL,
    id: '2026-11-23T17-10-00Z-smoke-3f2a',
    label: 'smoke',
    startedAt: '2026-11-23T17:10:00.000Z',
    target: '127.0.0.1:4000',
    engine: 'node',
    engineReason: 'asked for',
    workers: 2,
    seed: 7,
    intervalSeconds: 1,
    profile: sampleProfile(),
    host: HOST,
    ...overrides,
  };
}

/** A run's values: each metric gets the listed times, in microseconds. */
export function histogramsOf(times: Partial<Record<Metric, readonly number[]>>): HistogramSet {
  const set = new HistogramSet();
  for (const [metric, values] of Object.entries(times)) {
    const recorder = new Recorder();
    for (const value of values) recorder.record(value);
    const delta = recorder.take();
    if (delta !== null) set.add({ [metric]: delta });
  }
  return set;
}

/** The first interval of a run without its histograms. */
export function sampleInterval(index: number = 0): Omit<IntervalLine, 'histograms'> {
  return {
    index,
    startSeconds: index,
    endSeconds: index + 1,
    phase: 'measure',
    counters: { framesSent: 500, framesMatched: 499 },
    gauges: { openNow: 100, inFlight: 1 },
  };
}

/** A threshold of the whole run, as it is stored: `response.p99 < 50ms`, which held. */
export function sampleThreshold(overrides: Partial<ThresholdResult> = {}): ThresholdResult {
  return {
    expr: 'response.p99 < 50ms',
    ok: true,
    observed: 29_800,
    unit: 'us',
    demanded: 50_000,
    cohort: null,
    windowSeconds: null,
    worstAtMs: null,
    why: null,
    ...overrides,
  };
}

/** A sound run without failures: 98 of 100 dials connected, closed model. */
export function sampleSummary(): Summary {
  const { id, label, startedAt, target, engine, engineReason, workers, seed, profile, host } =
    sampleManifest();
  return {
    version: SUMMARY_VERSION,
    tool: TOOL,
    run: {
      id,
      label,
      startedAt,
      target,
      engine,
      engineReason,
      socket: null,
      workers,
      seed,
      profile,
      host,
      seconds: 10.02,
      loadModel: 'closed',
      endedEarly: null,
      interrupted: false,
    },
    verdict: { ok: true, valid: true, reasons: [], thresholds: [] },
    dials: {
      attempted: 100,
      connected: 98,
      stalled: null,
      refused: 2,
      timedOut: 0,
      unreachable: 0,
      reset: 0,
      localLimit: 0,
      other: 0,
      abandoned: 0,
      bySynRetransmits: {},
    },
    connections: {
      opened: 98,
      peakOpen: 98,
      openAtEnd: 0,
      closedUnread: 0,
      bytesUnread: 0,
      closedUnacked: 0,
      bytesUnacked: 0,
      ghosts: 0,
      reconnects: { total: 0, byDial: {}, bySession: {} },
    },
    sessions: { 'closed-by-plan': 97, reset: 1 },
    frames: {
      sent: 412_345,
      received: 412_344,
      matched: 412_344,
      matchedInWarmup: 40_012,
      lost: 1,
      duplicate: 0,
      reordered: 0,
      corrupt: 0,
      unsolicited: 0,
      inFlightAtEnd: 0,
      unsent: 0,
      unsentBy: { generator: 0, backpressure: 0, connecting: 0, ended: 0 },
      oneWay: 0,
      receivedOneWay: 0,
      pushed: 0,
      pushUnstamped: 0,
      pushAhead: 0,
    },
    bytes: { sent: 28_039_460, received: 28_039_392 },
    heartbeats: { sent: 0, answered: 0 },
    writes: { stalls: 0, partial: [] },
    reads: { partial: [] },
    errors: [
      {
        phase: 'dial',
        outcome: 'refused',
        errno: 'ECONNREFUSED',
        errnoNumber: 111,
        syscall: 'connect',
        count: 2,
        firstAtMs: 4,
        lastAtMs: 1204,
      },
      {
        phase: 'open',
        outcome: 'reset',
        errno: 'ECONNRESET',
        errnoNumber: 104,
        syscall: 'read',
        count: 1,
        firstAtMs: 7310.5,
        lastAtMs: 7310.5,
      },
    ],
    histograms: histogramsOf({
      dial: Array.from({ length: 98 }, (_, i) => 80 + i * 3),
      response: Array.from({ length: 20_000 }, (_, i) => 90 + ((i * 7919) % 20_000) * 1.5),
      service: Array.from({ length: 20_000 }, (_, i) => 80 + ((i * 7919) % 20_000)),
    }).summaries(),
    throughput: {
      seconds: 9,
      framesPerSecond: 41_152,
      sentBytesPerSecond: 2_798_349,
      receivedBytesPerSecond: 2_798_342,
    },
    addresses: [{ address: '127.0.0.1:4000', attempted: 100, connected: 98 }],
    intervals: { seconds: 1, count: 11 },
    record: {
      widths: [{ fromSeconds: 0, toSeconds: 10.02, widthSeconds: 1, intervals: 11 }],
      gaps: [],
      stopped: null,
    },
    shards: [
      { index: 0, state: 'finished', reason: null },
      { index: 1, state: 'finished', reason: null },
    ],
    events: [],
    clockEvents: [],
    notes: [],
    byAge: [],
    halfOpen: { found: 0, byDetector: [], ghosts: 0 },
    targetProcess: null,
    cohorts: {},
    health: {
      score: 1,
      signals: [],
      intervals: { judged: 9, warned: 0, invalid: 0, invalidShare: 0 },
      cpuSeconds: 4.5,
      workers: [{ index: 0, cpuSeconds: 4.5, cpuWaitSeconds: 0.1, busyShare: 0.5 }],
      headroom: null,
    },
  };
}
