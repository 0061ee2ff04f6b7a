import { z } from 'zod';
import type { ErrorRow } from '../measure/error-table.ts';
import { LatencyHistogram, type HistogramSummary } from '../measure/latency-histogram.ts';
import { METRICS, type Metric } from '../measure/metric.ts';
import type { PartialReadRow } from '../measure/partial-read-table.ts';
import type { PartialWriteRow } from '../measure/partial-write-table.ts';
import type { Profile } from '../profile/profile.ts';
import type { FigureUnit } from '../profile/threshold/figure-kinds.ts';
import { HEALTH_SCHEMA } from './health-summary.ts';
import { MANIFEST_VERSION, type Manifest } from './manifest.ts';
import { RECORD_SCHEMA } from './record-facts.ts';
import type { ClockEvent, RunEvent } from './run-event.ts';
import { BY_AGE_SCHEMA, HALF_OPEN_SCHEMA, TARGET_PROCESS_SCHEMA } from './soak-figures.ts';
import { SUMMARY_VERSION, type Summary } from './summary.ts';

/*
 * What a stored run must hold so that nothing which reads it stumbles later. Objects are loose, because keys are
 * added freely between versions; outcomes and errnos are any text for the same reason.
 */

const count = z.number().nonnegative();
const timeUs = z.number().nullable();

/** Of the profile, what reports read; the whole of it was checked when the run began. */
const PROFILE_PARTS = z.looseObject({
  durationUs: count,
  warmupUs: count,
  connections: z.looseObject({ count }),
  stages: z.array(z.looseObject({ connections: count.nullable() })),
  load: z.looseObject({
    window: count.nullable(),
    ratePerSecond: count.nullable(),
    totalRatePerSecond: count.nullable(),
  }),
  frame: z.looseObject({ format: z.string() }),
  match: z.looseObject({ mode: z.string() }),
});

const profile = z.custom<Profile>(
  (value) => PROFILE_PARTS.safeParse(value).success,
  'Must be an effective profile',
);

const tool = z.looseObject({ name: z.string(), version: z.string() });
const host = z.looseObject({ kernel: z.string(), node: z.string(), cpus: count, fdLimit: count.nullable() });

const begun = {
  id: z.string(),
  label: z.string(),
  startedAt: z.iso.datetime(),
  target: z.string(),
  engine: z.string(),
  engineReason: z.string().default(''),
  workers: count,
  seed: z.number(),
  profile,
  host,
};

const histogram: z.ZodType<HistogramSummary> = z.looseObject({
  count,
  min: timeUs,
  mean: timeUs,
  p50: timeUs,
  p90: timeUs,
  p99: timeUs,
  p999: timeUs,
  p9999: timeUs,
  max: timeUs,
});

/** What a metric is read as that the run's version did not have. */
const NO_VALUES: HistogramSummary = new LatencyHistogram().summary();

/** Those that the first version had not. */
const LATER_METRICS: ReadonlySet<Metric> = new Set<Metric>(['pushGap', 'pushLatency']);

const histograms = z.looseObject(
  Object.fromEntries(
    METRICS.map((metric) => [metric, LATER_METRICS.has(metric) ? histogram.default(NO_VALUES) : histogram]),
  ) as Record<Metric, typeof histogram>,
);

const verdict = z.looseObject({
  ok: z.boolean(),
  valid: z.boolean(),
  reasons: z.array(z.string()),
  thresholds: z.array(
    z.looseObject({
      expr: z.string(),
      ok: z.boolean(),
      observed: z.number().nullable(),
      unit: oneOf<FigureUnit>(),
      demanded: z.number(),
      cohort: z.string().nullable(),
      windowSeconds: count.nullable(),
      worstAtMs: count.nullable(),
      why: z.string().nullable(),
    }),
  ),
});

const dials = z.looseObject({
  attempted: count,
  connected: count,
  stalled: count.nullable(),
  refused: count,
  timedOut: count,
  unreachable: count,
  reset: count,
  localLimit: count,
  other: count,
  abandoned: count,
  bySynRetransmits: z.record(z.string(), count),
});

const reconnects = z.looseObject({
  total: count,
  byDial: z.record(z.string(), count),
  bySession: z.record(z.string(), count),
});

const frames = z.looseObject({
  sent: count,
  received: count,
  matched: count,
  matchedInWarmup: count,
  lost: count,
  duplicate: count,
  reordered: count,
  corrupt: count,
  unsolicited: count,
  inFlightAtEnd: count,
  unsent: count,
  unsentBy: z
    .looseObject({ generator: count, backpressure: count, connecting: count, ended: count })
    .default({ generator: 0, backpressure: 0, connecting: 0, ended: 0 }),
  oneWay: count,
  receivedOneWay: count,
  pushed: count.default(0),
  pushUnstamped: count.default(0),
  pushAhead: count.default(0),
});

const errors = z.array(
  z.looseObject({
    phase: oneOf<ErrorRow['phase']>(),
    outcome: oneOf<ErrorRow['outcome']>(),
    errno: z.string(),
    errnoNumber: z.number(),
    syscall: z.string(),
    count,
    firstAtMs: z.number(),
    lastAtMs: z.number(),
  }),
);

const writes = z.looseObject({
  stalls: count,
  partial: z.array(
    z.looseObject({
      cause: oneOf<PartialWriteRow['cause']>(),
      count,
      bytesAccepted: count,
      bytesUnsent: count,
      bytesAcked: count.nullable().default(null),
      bytesUnacked: count.nullable().default(null),
      exact: z.boolean(),
    }),
  ),
});

const reads = z.looseObject({
  partial: z.array(z.looseObject({ cause: oneOf<PartialReadRow['cause']>(), count, bytesReceived: count })),
});

const SOCKET_FACTS = z
  .record(z.string(), z.union([z.number(), z.string()]))
  .nullable()
  .default(null);

const run = z.looseObject({
  ...begun,
  seconds: count,
  loadModel: z.enum(['closed', 'open']),
  endedEarly: z.string().nullable(),
  interrupted: z.boolean().default(false),
  socket: SOCKET_FACTS,
});

const command = z.looseObject({ atSeconds: count, command: z.string(), ok: z.boolean(), effect: z.string() });
const clockEvent = z.looseObject({
  atSeconds: count,
  clock: z.enum(['slept', 'set']),
  seconds: z.number(),
});

/** Checks a line of events.jsonl. */
export const EVENT_SCHEMA: z.ZodType<RunEvent | ClockEvent> = z.union([command, clockEvent]);

const shards = z.array(
  z.looseObject({ index: count, state: z.enum(['finished', 'lost']), reason: z.string().nullable() }),
);

const figures = {
  dials,
  connections: z.looseObject({
    opened: count,
    peakOpen: count,
    openAtEnd: count,
    closedUnread: count.default(0),
    bytesUnread: count.default(0),
    closedUnacked: count.default(0),
    bytesUnacked: count.default(0),
    ghosts: count.default(0),
    reconnects: reconnects.default({ total: 0, byDial: {}, bySession: {} }),
  }),
  sessions: z.record(z.string(), count),
  frames,
  bytes: z.looseObject({ sent: count, received: count }),
  heartbeats: z.looseObject({ sent: count, answered: count }).default({ sent: 0, answered: 0 }),
  writes,
  reads: reads.default({ partial: [] }),
  errors,
  histograms,
  throughput: z.looseObject({
    seconds: count,
    framesPerSecond: count,
    sentBytesPerSecond: count,
    receivedBytesPerSecond: count,
  }),
  byAge: BY_AGE_SCHEMA.default([]),
  halfOpen: HALF_OPEN_SCHEMA.default({ found: 0, byDetector: [], ghosts: 0 }),
};

const cohort = z.looseObject({
  planned: count,
  loadModel: z.enum(['closed', 'open']),
  socket: SOCKET_FACTS,
  ...figures,
});

/** Checks a run.json. */
export const MANIFEST_SCHEMA: z.ZodType<Manifest> = z.looseObject({
  version: z.literal(MANIFEST_VERSION),
  tool,
  ...begun,
  intervalSeconds: count,
});

/** Checks a summary.json. */
export const SUMMARY_SCHEMA: z.ZodType<Summary> = z.looseObject({
  version: z.literal(SUMMARY_VERSION),
  tool,
  run,
  verdict,
  ...figures,
  addresses: z.array(z.looseObject({ address: z.string(), attempted: count, connected: count })),
  intervals: z.looseObject({ seconds: count, count }),
  record: RECORD_SCHEMA.default({ widths: [], gaps: [], stopped: null }),
  shards,
  events: z.array(command).default([]),
  clockEvents: z.array(clockEvent).default([]),
  notes: z.array(z.string()),
  targetProcess: TARGET_PROCESS_SCHEMA.nullable().default(null),
  cohorts: z.record(z.string(), cohort).default({}),
  health: HEALTH_SCHEMA,
});

/** A word of a union, unchecked: a later version may have added to it. */
function oneOf<T extends string>(): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'string', 'Must be text');
}
