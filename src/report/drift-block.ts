import type { DriftAnalysis, DriftFinding } from '../analysis/drift/drift.ts';
import { formatClock, sentenceOf } from './drift-words.ts';
import type { Paint } from './paint.ts';

/** What drifted in a run, a line a finding, and what was checked and found quiet. */
export function driftLines(drift: DriftAnalysis, paint: Paint): string[] {
  if (drift.tooShort !== null) return [`drift: ${drift.tooShort}`];
  const { intervals, startSeconds, endSeconds, findings, quiet, notJudged } = drift;
  const span = `${formatClock(startSeconds)} to ${formatClock(endSeconds)}`;
  const spoiled = intervals.spoiled > 0 ? `, ${intervals.spoiled} spoiled by the generator left out` : '';
  const basis = `${intervals.used} intervals from ${span}${spoiled}`;
  const head = findings.length === 0 ? 'nothing drifts' : countOf(findings);
  const quietLine = quiet.length === 0 ? [] : [`quiet: ${quiet.join(', ')}`];
  return [
    `${findings.length === 0 ? 'drift' : paint.bold('drift')}  ${head} (${basis})`,
    ...findings.map((finding) => paint.yellow(sentenceOf(finding))),
    ...quietLine,
    ...notJudgedLines(notJudged).map((line) => paint.dim(line)),
    ...(intervals.joined ? [paint.dim(JOINED)] : []),
  ];
}

const JOINED =
  'older intervals are stored wider: percentiles of the newer ones were joined approximately, so doubt a small drift of them';

function countOf(findings: readonly DriftFinding[]): string {
  return findings.length === 1 ? '1 finding' : `${findings.length} findings`;
}

/** Series that share a reason share a line. */
function notJudgedLines(notJudged: DriftAnalysis['notJudged']): string[] {
  const byReason = new Map<string, string[]>();
  for (const { series, reason } of notJudged) byReason.set(reason, [...(byReason.get(reason) ?? []), series]);
  return Array.from(byReason, ([reason, series]) => `not judged: ${series.join(', ')} (${reason})`);
}
