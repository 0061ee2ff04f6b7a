import type { GaugeSpan } from '../store/soak-figures.ts';
import type { Summary } from '../store/summary.ts';
import { formatBytes, formatCount, formatSeconds, formatShort, formatUs } from './human.ts';
import { pairLines, tableLines, type Column } from './text-table.ts';

/** From this length on a run is a soak, whose accounts are shown even where nothing is wrong. */
const SOAK_SECONDS = 120;

/** What a soak looks for beside drift: leaks, connections that get slower with age, and those that fell silent. */
export function soakBlocks(summary: Summary): string[][] {
  return [accountLines(summary), ageLines(summary), halfOpenLines(summary), processLines(summary)];
}

/** Every connection and every frame is somewhere: what is not is a leak. */
function accountLines({ run, connections, sessions, frames }: Summary): string[] {
  if (run.seconds < SOAK_SECONDS) return [];
  const ended = Object.values(sessions).reduce((sum, count) => sum + count, 0);
  const unaccounted = connections.opened - ended - connections.openAtEnd;
  return pairLines([
    ['connections accounted for', ''],
    ['opened', formatCount(connections.opened)],
    ['ended', formatCount(ended)],
    ['live at end', formatCount(connections.openAtEnd)],
    ['unaccounted for', formatCount(unaccounted)],
    ['frames in flight at end', formatCount(frames.inFlightAtEnd)],
  ]);
}

/** Nothing to compare where a run was too short for two ages. */
function ageLines({ byAge }: Summary): string[] {
  if (byAge.length < 2) return [];
  return tableLines(
    [
      { head: 'response by age of the connection', align: 'left' },
      ...['count', 'p50', 'p90', 'p99', 'p99.9', 'max'].map(right),
    ],
    byAge.map(({ fromSeconds, toSeconds, response }) => [
      ageText(fromSeconds, toSeconds),
      formatCount(response.count),
      ...[response.p50, response.p90, response.p99, response.p999, response.max].map(time),
    ]),
  );
}

function ageText(fromSeconds: number, toSeconds: number | null): string {
  if (toSeconds === null) return `older than ${formatSeconds(fromSeconds)}`;
  return `${fromSeconds === 0 ? '0s' : formatSeconds(fromSeconds)} to ${formatSeconds(toSeconds)}`;
}

/** Connections that looked alive and answered nothing, and how long that went unnoticed. */
function halfOpenLines({ halfOpen }: Summary): string[] {
  const { found, byDetector } = halfOpen;
  if (found === 0) return [];
  const columns = [
    { head: 'half-open, found by', align: 'left' as const },
    ...['count', 'p50', 'max'].map(right),
  ];
  return tableLines(
    columns,
    byDetector.map(({ detector, count, p50, max }) => [detector, formatCount(count), time(p50), time(max)]),
  );
}

/** What the target's process held at first, at last and at most. */
function processLines({ targetProcess }: Summary): string[] {
  if (targetProcess === null) return [];
  const { pid, name, endedAtSeconds, residentBytes, descriptors, threads, cpus } = targetProcess;
  const rows = [
    row('resident memory', residentBytes, formatBytes),
    row('descriptors', descriptors, formatCount),
    row('threads', threads, formatCount),
    row('processors', cpus, formatShort),
  ];
  const table = tableLines(
    [{ head: `process ${pid} (${name})`, align: 'left' }, ...['first', 'last', 'highest'].map(right)],
    rows,
  );
  const ended = endedAtSeconds === null ? [] : [`it ended ${formatSeconds(endedAtSeconds)} after the start`];
  return [...table, ...ended];
}

function row(name: string, span: GaugeSpan | null, format: (value: number) => string): string[] {
  return span === null ? [name, '-', '-', '-'] : [name, ...[span.first, span.last, span.max].map(format)];
}

function time(us: number | null): string {
  return us === null ? '-' : formatUs(us);
}

function right(head: string): Column {
  return { head, align: 'right' };
}
