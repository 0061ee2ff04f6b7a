import type { CohortSummary, Summary } from '../store/summary.ts';
import { formatCount, formatShort, formatUs } from './human.ts';
import { tableLines, type Column } from './text-table.ts';

/** The cohorts beside one another, a row each; none where the profile has no cohorts. */
export function cohortLines({ cohorts }: Summary): string[] {
  const rows = Object.entries(cohorts).map(([name, cohort]) => cohortRow(name, cohort));
  if (rows.length === 0) return [];
  const heads = ['connections', 'frames/s', 'response p50', 'p99', 'max', 'heartbeat p99', 'errors'];
  return tableLines([{ head: 'cohort', align: 'left' }, ...heads.map(right)], rows);
}

function cohortRow(name: string, cohort: CohortSummary): string[] {
  const { connections, planned, throughput, histograms } = cohort;
  const { response, heartbeat } = histograms;
  return [
    name,
    connections.opened === planned
      ? formatCount(planned)
      : `${formatCount(connections.opened)} of ${formatCount(planned)}`,
    formatShort(throughput.framesPerSecond),
    ...[response.p50, response.p99, response.max, heartbeat.p99].map(formatTime),
    formatCount(errorCount(cohort)),
  ];
}

/** What the sockets said, and frames that were not what they should be. */
function errorCount({ errors, frames }: CohortSummary): number {
  const failed = errors.reduce((sum, { count }) => sum + count, 0);
  return failed + frames.corrupt + frames.duplicate + frames.unsolicited;
}

function formatTime(us: number | null): string {
  return us === null ? '-' : formatUs(us);
}

function right(head: string): Column {
  return { head, align: 'right' };
}
