import type { DriftAnalysis } from '../analysis/drift/drift.ts';
import { cohortPlans, plannedConnections } from '../profile/cohorts.ts';
import { haveConnections } from '../profile/load-model.ts';
import type { Summary } from '../store/summary.ts';
import { cohortLines } from './cohort-lines.ts';
import { driftLines } from './drift-block.ts';
import { healthLines } from './health-block.ts';
import { formatCount, formatSeconds } from './human.ts';
import { createPaint, type Paint } from './paint.ts';
import {
  addressLines,
  errorLines,
  eventLines,
  histogramLines,
  partialReadLines,
  partialWriteLines,
} from './report-tables.ts';
import { dialLines, frameLines, sessionLines, throughputLines } from './report-totals.ts';
import { soakBlocks } from './soak-blocks.ts';
import { besideLines, wrapLine } from './text-table.ts';
import { thresholdLines } from './threshold-lines.ts';

/** How to print a page. */
export interface ReportOptions {
  color: boolean;
  /** Columns to lay the totals out in; the wide tables may need 100. */
  width: number;
  /** Whether longer lines are broken between words: for a terminal. Files are searched by lines. @default false */
  wrap?: boolean;
  /** Where the run is stored; left out of the page when null. @default null */
  directory?: string | null;
  /** What drifted; left out of the page when null. @default null */
  drift?: DriftAnalysis | null;
  /** The run is still on: there is no verdict yet. @default false */
  soFar?: boolean;
}

const CLOSED_MODEL =
  ': each connection waits for its reply, so these times do not measure latency under a given load';

/** A run as a page that is read in ten seconds: the verdict first, what needs explaining last. */
export function renderReport(summary: Summary, options: ReportOptions): string {
  const paint = createPaint(options.color);
  const blocks = [
    headLines(summary, paint, options),
    emphasizeHead(thresholdLines(summary, paint), paint),
    emphasizeHead(cohortLines(summary), paint),
    totalLines(summary, paint, options.width),
    timeLines(summary, paint),
    emphasizeHead(errorLines(summary), paint),
    emphasizeHead(partialWriteLines(summary), paint),
    emphasizeHead(partialReadLines(summary), paint),
    emphasizeHead(addressLines(summary), paint),
    ...soakBlocks(summary).map((lines) => emphasizeHead(lines, paint)),
    emphasizeHead(eventLines(summary), paint),
    healthLines(summary, paint),
    driftBlock(summary, options.drift ?? null, paint),
    summary.notes.map((note) => `note: ${note}`),
  ];
  const wrapped = (lines: readonly string[]): string[] =>
    options.wrap === true ? lines.flatMap((line) => wrapLine(line, options.width)) : [...lines];
  const page = blocks.filter((lines) => lines.length > 0).map((lines) => wrapped(lines).join('\n'));
  return `${page.join('\n\n')}\n`;
}

/** Short runs say nothing of drift, nor do those whose plan changes the load: `tidemark drift` would. */
function driftBlock({ run }: Summary, drift: DriftAnalysis | null, paint: Paint): string[] {
  const staged = cohortPlans(run.profile).some(({ plan }) => plan.stages.length > 0);
  return drift === null || drift.tooShort !== null || staged ? [] : driftLines(drift, paint);
}

function headLines(summary: Summary, paint: Paint, options: ReportOptions): string[] {
  const { run, verdict } = summary;
  const { directory = null, soFar = false } = options;
  const facts = [
    `${run.label} against ${run.target}`,
    formatSeconds(run.seconds),
    connectionsOf(summary),
    `${run.engine} engine`,
    plural(run.workers, 'worker'),
    `seed ${run.seed}`,
  ];
  return [
    `${soFar ? paint.bold('SO FAR') : verdictWord(summary, paint)}  ${facts.join(' · ')}`,
    ...verdict.reasons.map((reason) => paint.red(`because ${reason}`)),
    ...(run.endedEarly === null ? [] : [paint.yellow(endText(run, run.endedEarly))]),
    ...(directory === null ? [] : [paint.dim(`stored in ${directory}`)]),
  ];
}

/** A run that still goes on has no end. */
function endText({ brokeOff }: Summary['run'], why: string): string {
  return brokeOff?.stillOn === true ? why : `ended early: ${why}`;
}

function verdictWord({ verdict, run }: Summary, paint: Paint): string {
  if (run.brokeOff !== undefined)
    return paint.bold(paint.yellow(run.brokeOff.stillOn ? 'SO FAR' : 'BROKE OFF'));
  if (!verdict.valid) return paint.bold(paint.red('INVALID'));
  if (run.interrupted) return paint.bold(paint.yellow('INTERRUPTED'));
  return verdict.ok ? paint.bold(paint.green('PASSED')) : paint.bold(paint.red('FAILED'));
}

function totalLines(summary: Summary, paint: Paint, width: number): string[] {
  const blocks = [
    ['dials', ...dialLines(summary)],
    ['sessions', ...sessionLines(summary)],
    ['frames', ...frameLines(summary)],
    ['throughput', ...throughputLines(summary)],
  ];
  const lines = besideLines(
    blocks.map((block) => emphasizeHead(block, paint)),
    width,
  );
  return summary.dials.stalled === null ? [...lines, paint.dim(unseenStalls(summary.run))] : lines;
}

/** Whose fault it is that nothing is known of stalled dials; the engine of one's own choice needs no reason. */
function unseenStalls({ engine, engineReason }: Summary['run']): string {
  if (engine === 'epoll') return "this machine's kernel does not tell which dials were stalled";
  const why = engineReason.startsWith('not epoll') ? ` (${engineReason})` : '';
  return `stalled dials are not visible to the ${engine} engine${why}`;
}

function timeLines(summary: Summary, paint: Paint): string[] {
  const table = emphasizeHead(histogramLines(summary), paint);
  const timed = summary.run.loadModel === 'closed' && summary.histograms.response.count > 0;
  const caveat = timed ? [paint.yellow(`closed model${closedCohorts(summary)}${CLOSED_MODEL}`)] : [];
  return [...caveat, ...table];
}

/** The closed ones, where other cohorts are not. */
function closedCohorts({ cohorts }: Summary): string {
  const all = Object.entries(cohorts);
  const closed = all.filter(([, { loadModel }]) => loadModel === 'closed').map(([name]) => name);
  return closed.length === all.length
    ? ''
    : ` (cohort${closed.length === 1 ? '' : 's'} ${closed.join(', ')})`;
}

function emphasizeHead(lines: readonly string[], paint: Paint): string[] {
  return lines.map((line, index) => (index === 0 ? paint.bold(line) : line));
}

function connectionsOf({ connections, run }: Summary): string {
  const planned = plannedConnections(run.profile);
  if (cohortPlans(run.profile).some(({ plan }) => haveConnections(plan.stages)))
    return `${plural(planned, 'connection')} at most`;
  if (connections.opened === planned) return plural(planned, 'connection');
  if (connections.opened > planned) {
    return `${plural(planned, 'connection')} (dialled anew: ${plural(connections.opened, 'session')})`;
  }
  return `${formatCount(connections.opened)} of ${plural(planned, 'connection')}`;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
