import type { ListedRun } from '../store/run-store.ts';
import type { Summary, ThresholdResult } from '../store/summary.ts';
import { formatCount, formatSeconds, formatShort, formatUs } from './human.ts';
import { createPaint, type Paint } from './paint.ts';
import { tableLines, type Column } from './text-table.ts';

const COLUMNS: readonly Column[] = [
  { head: 'run', align: 'left' },
  { head: 'verdict', align: 'left' },
  { head: 'target', align: 'left' },
  { head: 'time', align: 'right' },
  { head: 'connections', align: 'right' },
  { head: 'frames/s', align: 'right' },
  { head: 'response p99', align: 'right' },
];

/** A run of the list as JSON: enough to choose one by. */
export interface RunListEntry {
  id: string;
  directory: string;
  state: ListedRun['state'];
  label: string | null;
  startedAt: string | null;
  target: string | null;
  ok: boolean | null;
  valid: boolean | null;
  /** What each threshold came to; null where the run has no summary. */
  thresholds: Pick<ThresholdResult, 'expr' | 'ok' | 'observed'>[] | null;
  fault: string | null;
}

/** Stored runs as a table, the latest first, and what is wrong with those that cannot be read. */
export function renderRunList(runs: readonly ListedRun[], options: { color: boolean }): string {
  const paint = createPaint(options.color);
  const [head = '', ...rows] = tableLines(
    COLUMNS,
    runs.map((run) => rowOf(run, paint)),
  );
  const faults = runs.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const sections = [[paint.bold(head), ...rows], faults].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** Stored runs for scripts. */
export function runListEntries(runs: readonly ListedRun[]): RunListEntry[] {
  return runs.map(({ id, directory, state, manifest, summary, fault }) => ({
    id,
    directory,
    state,
    label: manifest?.label ?? null,
    startedAt: manifest?.startedAt ?? null,
    target: manifest?.target ?? null,
    ok: summary?.verdict.ok ?? null,
    valid: summary?.verdict.valid ?? null,
    thresholds: summary?.verdict.thresholds.map(({ expr, ok, observed }) => ({ expr, ok, observed })) ?? null,
    fault,
  }));
}

function rowOf({ id, state, manifest, summary }: ListedRun, paint: Paint): string[] {
  const target = manifest?.target ?? '-';
  if (summary === null) return [id, paint.yellow(state), target, '-', '-', '-', '-'];
  const p99 = summary.histograms.response.p99;
  return [
    id,
    verdictOf(summary, paint),
    target,
    formatSeconds(summary.run.seconds),
    formatCount(summary.connections.opened),
    formatShort(summary.throughput.framesPerSecond),
    p99 === null ? '-' : formatUs(p99),
  ];
}

function verdictOf({ verdict, run }: Summary, paint: Paint): string {
  if (!verdict.valid) return paint.red('invalid');
  if (run.interrupted) return paint.yellow('interrupted');
  if (verdict.ok) return paint.green('passed');
  const failed = verdict.thresholds.filter(({ ok }) => !ok).length;
  return paint.red(failed === 0 ? 'failed' : `failed ${failed} of ${verdict.thresholds.length}`);
}
