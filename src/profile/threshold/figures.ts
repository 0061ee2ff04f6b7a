import { COUNTER_NAMES, UNSENT_CAUSES, type CounterName } from '../../measure/counters.ts';
import { METRICS, type Metric } from '../../measure/metric.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from '../../measure/outcome.ts';
import type { FigureKind } from './figure-kinds.ts';

/**
 * The figures that a threshold may speak of, by the names that summary.json has for them: what each is read from, and
 * what a plan must have for there to be such a figure at all.
 */

/** Where a figure is read from. */
export type FigureSource =
  | { from: 'histogram'; metric: Metric; statistic: 'count' | 'min' | 'mean' | 'max' }
  | { from: 'percentile'; metric: Metric; percentile: number }
  | { from: 'counters'; counters: readonly CounterName[] }
  | { from: 'openConnections'; when: 'peak' | 'atEnd' }
  | { from: 'throughput'; counters: readonly CounterName[] }
  | { from: 'errors'; as: 'count' | 'rate' }
  | { from: 'run'; fact: 'stalledDials' | 'healthScore' };

/** What a plan must have for a figure to be observed. */
export type FigureNeed =
  | 'tls'
  | 'expectedPreface'
  | 'heartbeat'
  | 'sending'
  | 'matching'
  | 'noMatching'
  | 'listening'
  | 'pushStamp'
  | 'verification'
  | 'keepalive'
  | 'userTimeout'
  | 'reconnects'
  | 'epoll';

/** One figure of a run. */
export interface Figure {
  name: string;
  kind: FigureKind;
  source: FigureSource;
  need: FigureNeed | null;
}

/**
 * The figure of this name; null when there is none.
 * @example findFigure('response.p99.9')?.source // { from: 'percentile', metric: 'response', percentile: 99.9 }
 */
export function findFigure(name: string): Figure | null {
  return PLAIN_FIGURES.get(name) ?? histogramFigure(name);
}

/**
 * Names that a misspelt one may have meant: all without parameters, and the usual percentiles beside the one asked for.
 * @param name what was given
 */
export function figureNames(name: string): string[] {
  const asked = name.slice(name.indexOf('.') + 1);
  const statistics = new Set([...USUAL_STATISTICS, ...(parsePercentile(asked) === null ? [] : [asked])]);
  const timed = METRICS.flatMap((metric) => Array.from(statistics, (statistic) => `${metric}.${statistic}`));
  return [...timed, ...PLAIN_FIGURES.keys()];
}

/** Whether the figure only ever grows in the course of a run. */
export function growsOnly({ source }: Figure): boolean {
  if (source.from === 'histogram') return source.statistic === 'count';
  if (source.from === 'errors') return source.as === 'count';
  if (source.from === 'run') return source.fact === 'stalledDials';
  return source.from === 'counters';
}

/** Whether the figure is known of the run as a whole alone, and of no window or cohort. */
export function isOfWholeRun({ source }: Figure): boolean {
  return source.from === 'run';
}

const USUAL_STATISTICS = ['p50', 'p90', 'p95', 'p99', 'p999', 'p9999', 'max', 'min', 'mean', 'count'];

const METRIC_NEEDS: Readonly<Partial<Record<Metric, FigureNeed>>> = {
  tls: 'tls',
  preface: 'expectedPreface',
  response: 'matching',
  service: 'matching',
  sendLag: 'sending',
  heartbeat: 'heartbeat',
  pushGap: 'listening',
  pushLatency: 'pushStamp',
};

const SESSION_NEEDS: Readonly<Partial<Record<SessionOutcome, FigureNeed>>> = {
  'keepalive-timeout': 'keepalive',
  'user-timeout': 'userTimeout',
  'heartbeat-missed': 'heartbeat',
  'tls-failed': 'tls',
  'bad-preface': 'expectedPreface',
  'preface-timeout': 'expectedPreface',
};

const PLAIN_FIGURES: ReadonlyMap<string, Figure> = new Map(
  [
    counted('dials.attempted', 'dialsAttempted'),
    counted('dials.connected', 'dial:connected'),
    {
      name: 'dials.stalled',
      kind: 'count',
      source: { from: 'run', fact: 'stalledDials' },
      need: 'epoll',
    } as const,
    counted('dials.refused', 'dial:refused'),
    counted('dials.timedOut', 'dial:timedOut'),
    counted('dials.unreachable', 'dial:unreachable'),
    counted('dials.reset', 'dial:reset'),
    counted('dials.localLimit', 'dial:localLimit'),
    counted('dials.other', 'dial:other'),
    counted('dials.abandoned', 'dial:abandoned'),
    counted('connections.opened', 'dial:connected'),
    open('connections.peakOpen', 'peak'),
    open('connections.openAtEnd', 'atEnd'),
    {
      name: 'connections.reconnects.total',
      kind: 'count',
      source: { from: 'counters', counters: COUNTER_NAMES.filter((name) => name.startsWith('reconnect:')) },
      need: 'reconnects',
    } as const,
    counted('connections.closedUnread', 'closesUnread', 'epoll'),
    { ...counted('connections.bytesUnread', 'bytesUnread', 'epoll'), kind: 'size' } as const,
    counted('connections.closedUnacked', 'closesUnacked', 'epoll'),
    { ...counted('connections.bytesUnacked', 'bytesUnacked', 'epoll'), kind: 'size' } as const,
    counted('connections.ghosts', 'ghosts', 'epoll'),
    ...SESSION_OUTCOMES.map((outcome) =>
      counted(`sessions.${outcome}`, `session:${outcome}`, SESSION_NEEDS[outcome] ?? null),
    ),
    counted('frames.sent', 'framesSent'),
    counted('frames.received', 'framesReceived'),
    counted('frames.matched', 'framesMatched', 'matching'),
    counted('frames.matchedInWarmup', 'framesMatchedInWarmup', 'matching'),
    counted('frames.lost', 'framesLost', 'matching'),
    counted('frames.duplicate', 'framesDuplicate', 'matching'),
    counted('frames.reordered', 'framesReordered', 'matching'),
    counted('frames.corrupt', 'framesCorrupt', 'verification'),
    counted('frames.unsolicited', 'framesUnsolicited', 'matching'),
    counted('frames.inFlightAtEnd', 'framesInFlightAtEnd', 'matching'),
    counted('frames.unsent', 'framesUnsent'),
    ...UNSENT_CAUSES.map((cause) => counted(`frames.unsentBy.${cause}`, `unsent:${cause}`)),
    counted('frames.oneWay', 'framesOneWay', 'noMatching'),
    counted('frames.receivedOneWay', 'framesReceivedOneWay', 'noMatching'),
    counted('frames.pushed', 'framesPushed', 'listening'),
    counted('frames.pushUnstamped', 'framesPushUnstamped', 'pushStamp'),
    counted('frames.pushAhead', 'framesPushAhead', 'pushStamp'),
    { ...counted('bytes.sent', 'bytesSent'), kind: 'size' } as const,
    { ...counted('bytes.received', 'bytesReceived'), kind: 'size' } as const,
    counted('heartbeats.sent', 'heartbeatsSent', 'heartbeat'),
    counted('heartbeats.answered', 'heartbeatsAnswered', 'heartbeat'),
    counted('writes.stalls', 'writeStalls'),
    { name: 'errors.count', kind: 'count', source: { from: 'errors', as: 'count' }, need: null } as const,
    { name: 'errors.rate', kind: 'share', source: { from: 'errors', as: 'rate' }, need: null } as const,
    throughput('throughput.frames', 'rate', ['framesMatched', 'framesOneWay', 'framesPushed']),
    throughput('throughput.sentBytes', 'byteRate', ['bytesSent']),
    throughput('throughput.receivedBytes', 'byteRate', ['bytesReceived']),
    {
      name: 'health.score',
      kind: 'share',
      source: { from: 'run', fact: 'healthScore' },
      need: null,
    } as const,
  ].map((figure) => [figure.name, figure]),
);

function counted(name: string, counter: CounterName, need: FigureNeed | null = null): Figure {
  return { name, kind: 'count', source: { from: 'counters', counters: [counter] }, need };
}

function open(name: string, when: 'peak' | 'atEnd'): Figure {
  return { name, kind: 'count', source: { from: 'openConnections', when }, need: null };
}

function throughput(name: string, kind: FigureKind, counters: readonly CounterName[]): Figure {
  return { name, kind, source: { from: 'throughput', counters }, need: null };
}

function histogramFigure(name: string): Figure | null {
  const dot = name.indexOf('.');
  const metric = METRICS.find((known) => known === name.slice(0, dot));
  if (metric === undefined) return null;
  const statistic = name.slice(dot + 1);
  const need = METRIC_NEEDS[metric] ?? null;
  switch (statistic) {
    case 'count':
      return { name, kind: 'count', source: { from: 'histogram', metric, statistic }, need };
    case 'min':
    case 'mean':
    case 'max':
      return { name, kind: 'time', source: { from: 'histogram', metric, statistic }, need };
    default: {
      const percentile = parsePercentile(statistic);
      return percentile === null
        ? null
        : { name, kind: 'time', source: { from: 'percentile', metric, percentile }, need };
    }
  }
}

/** `p50`, `p99.9`; `p999` and more nines are 99.9 and so on, as summary.json has them. Null for anything else. */
function parsePercentile(text: string): number | null {
  const [, nines] = /^p99(9+)$/.exec(text) ?? [];
  if (nines !== undefined && nines.length <= NINES_AFTER_POINT) return Number(`99.${nines}`);
  const [, decimal] = /^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(text) ?? [];
  return decimal === undefined || Number(decimal) === 0 ? null : Number(decimal);
}

/** As many as a histogram of a thousand million values could tell apart from its maximum. */
const NINES_AFTER_POINT = 3;
