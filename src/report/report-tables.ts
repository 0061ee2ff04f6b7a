import { METRICS, type Metric } from '../measure/metric.ts';
import type { HistogramSummary } from '../measure/latency-histogram.ts';
import type { Summary } from '../store/summary.ts';
import { formatCount, formatSeconds, formatUs } from './human.ts';
import { tableLines, type Column } from './text-table.ts';

/** What a metric times, for readers who do not know its name. */
const METRIC_WORDS: Record<Metric, string> = {
  dial: 'dial',
  tls: 'TLS handshake',
  preface: 'preface',
  response: 'response',
  service: 'service',
  sendLag: 'send lag',
  writeStall: 'write stall',
  heartbeat: 'heartbeat',
  detect: 'detect',
  pushGap: 'push gap',
  pushLatency: 'push latency',
};

interface PercentileColumn {
  head: string;
  key: 'p50' | 'p90' | 'p99' | 'p999' | 'p9999';
  /** Share of the values above it. */
  above: number;
}

const PERCENTILES: readonly PercentileColumn[] = [
  { head: 'p50', key: 'p50', above: 0.5 },
  { head: 'p90', key: 'p90', above: 0.1 },
  { head: 'p99', key: 'p99', above: 0.01 },
  { head: 'p99.9', key: 'p999', above: 0.001 },
  { head: 'p99.99', key: 'p9999', above: 0.0001 },
];

/** Stands for a percentile with less than one value above it: it would be the maximum under another name. */
const TOO_FEW_VALUES = '-';

/** The metrics that have values, a row each. */
export function histogramLines(summary: Summary): string[] {
  const rows = METRICS.filter((metric) => summary.histograms[metric].count > 0).map((metric) =>
    histogramRow(METRIC_WORDS[metric], summary.histograms[metric]),
  );
  if (rows.length === 0) return [];
  const heads = ['count', 'min', 'mean', ...PERCENTILES.map(({ head }) => head), 'max'];
  return tableLines([left('time'), ...heads.map(right)], rows);
}

function histogramRow(name: string, histogram: HistogramSummary): string[] {
  const percentiles = PERCENTILES.map(({ key, above }) =>
    above * histogram.count < 1 ? TOO_FEW_VALUES : formatTime(histogram[key]),
  );
  const { count, min, mean, max } = histogram;
  return [name, formatCount(count), formatTime(min), formatTime(mean), ...percentiles, formatTime(max)];
}

function formatTime(us: number | null): string {
  return us === null ? TOO_FEW_VALUES : formatUs(us);
}

/** What the sockets said, a row a kind. */
export function errorLines({ errors }: Summary): string[] {
  if (errors.length === 0) return [];
  const columns = [
    ...['errors', 'outcome', 'errno', 'system call'].map(left),
    ...['count', 'first', 'last'].map(right),
  ];
  return tableLines(
    columns,
    errors.map((row) => [
      row.phase,
      row.outcome,
      row.errnoNumber === 0 ? row.errno : `${row.errno} (${row.errnoNumber})`,
      row.syscall,
      formatCount(row.count),
      formatSeconds(row.firstAtMs / 1000),
      formatSeconds(row.lastAtMs / 1000),
    ]),
  );
}

/** How dials spread over the target's addresses; nothing to say where there is one. */
export function addressLines({ addresses }: Summary): string[] {
  if (addresses.length < 2) return [];
  return tableLines(
    [left('address'), right('attempted'), right('connected')],
    addresses.map(({ address, attempted, connected }) => [
      address,
      formatCount(attempted),
      formatCount(connected),
    ]),
  );
}

/** Writes cut short by a connection's end. */
export function partialWriteLines({ writes }: Summary): string[] {
  if (writes.partial.length === 0) return [];
  return tableLines(
    [
      left('partial writes'),
      right('count'),
      right('bytes accepted'),
      right('bytes unsent'),
      right('acknowledged'),
      right('unacknowledged'),
      left('known'),
    ],
    writes.partial.map((row) => [
      row.cause,
      formatCount(row.count),
      row.exact ? formatCount(row.bytesAccepted) : '-',
      formatCount(row.bytesUnsent),
      row.bytesAcked === null ? '-' : formatCount(row.bytesAcked),
      row.bytesUnacked === null ? '-' : formatCount(row.bytesUnacked),
      row.exact ? 'exactly' : 'as handed to the system',
    ]),
  );
}

/** Frames that a connection's end cut while they came. */
export function partialReadLines({ reads }: Summary): string[] {
  if (reads.partial.length === 0) return [];
  return tableLines(
    [left('partial reads'), right('count'), right('bytes received')],
    reads.partial.map(({ cause, count, bytesReceived }) => [
      cause,
      formatCount(count),
      formatCount(bytesReceived),
    ]),
  );
}

/** What users asked of the run while it was on. */
export function eventLines({ events }: Summary): string[] {
  if (events.length === 0) return [];
  return tableLines(
    [left('tidemark ctl'), right('at'), left('')],
    events.map(({ command, atSeconds, ok, effect }) => [
      command,
      formatSeconds(atSeconds),
      ok ? effect : `refused: ${effect}`,
    ]),
  );
}

function left(head: string): Column {
  return { head, align: 'left' };
}

function right(head: string): Column {
  return { head, align: 'right' };
}
